import type { SampleFile, Window } from '../../define/index.ts';

/** TODO */
export function sampleShop(_: Window): readonly SampleFile[] {
  return [];
}
