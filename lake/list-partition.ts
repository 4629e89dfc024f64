import type { ListedSource } from '../model/get-listed-source.ts';
import type { Manifest } from '../model/source-object.ts';
import type { Window } from '../model/window.ts';
import { listDocuments } from './list-documents.ts';
import type { ListSourceOptions } from './list-source.ts';
import { listWindow } from './list-window.ts';
import type { Lake } from './open-lake.ts';

/** What stands in a source for one window, as the manifest to freeze. Throws what the listing of its kind throws. */
export function listPartition(
  lake: Lake,
  source: ListedSource,
  window: Window,
  options: ListSourceOptions = {},
): Promise<Manifest> {
  switch (source.kind) {
    case 's3':
      return listWindow(lake, source, window, options);
    case 'http':
      return listDocuments(lake, source, window, options);
  }
}
