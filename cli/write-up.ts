import type { MachineAddresses } from '../local/machine-file.ts';
import { formatTable } from './format-table.ts';
import type { TableRow } from './format-table.ts';
import type { MadeWindow } from './sample.ts';

/** Where everything is, without keys. */
export function publicAddresses({ temporalAddress, temporalUiUrl, databaseUrl, s3, apiUrl }: MachineAddresses): object {
  return {
    temporalAddress,
    temporalUiUrl: temporalUiUrl ?? null,
    databaseUrl: hidePassword(databaseUrl),
    s3Endpoint: s3.endpoint ?? null,
    apiUrl: apiUrl ?? null,
  };
}

/** What a person reads when everything is there: where to look, and what was made. */
export function writeUp(addresses: MachineAddresses, lakeBucket: string, made: readonly MadeWindow[]): string {
  const { temporalAddress, temporalUiUrl, databaseUrl, s3, apiUrl } = addresses;
  const where = formatTable([
    ['Hourloom is up', ''],
    ...(temporalUiUrl === undefined ? [] : [['Temporal’s page', temporalUiUrl] as const]),
    ['Temporal', temporalAddress],
    ['Warehouse', hidePassword(databaseUrl)],
    ['S3', `${s3.endpoint ?? `AWS ${s3.region}`} (lake: s3://${lakeBucket})`],
    ...(apiUrl === undefined ? [] : [['API', `${apiUrl}/openapi.json`] as const]),
  ]);
  return made.length === 0 ? where : `${where}\n\n${writeMade(made)}`;
}

function writeMade(made: readonly MadeWindow[]): string {
  const rows = made.flatMap(({ pipeline, partition, result }): readonly TableRow[] =>
    'reason' in result
      ? [[pipeline, partition, result.outcome, null, null, result.reason]]
      : Object.entries(result.rows).map(([asset, rows]) => [
          asset,
          partition,
          result.outcome,
          result.counts.files,
          rows,
          result.counts.quarantined === 0 ? '' : `${result.counts.quarantined} quarantined`,
        ]),
  );
  return formatTable([['asset', 'partition', 'outcome', 'files', 'rows', ''], ...rows]);
}

function hidePassword(address: string): string {
  const url = new URL(address);
  if (url.password !== '') url.password = '***';
  return url.href;
}
