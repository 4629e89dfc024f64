import type { SourceSpec } from './pipeline-spec.ts';

/** Where a pipeline's records come from, as people read it: `s3://door2door-events/data/{yyyy}-{MM}-{dd}.json`. */
export function describeSource(source: SourceSpec): string {
  switch (source.kind) {
    case 's3':
      return `s3://${source.bucket}/${source.pattern}`;
    case 'http':
      return `${source.base ?? '<base>'}${source.pattern}`;
    case 'code':
      return `its function, version ${source.version}`;
  }
}
