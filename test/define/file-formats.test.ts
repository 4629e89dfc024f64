import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import {
  csv,
  csvNumber,
  DefinitionError,
  daily,
  findPipeline,
  hourly,
  httpFiles,
  jsonDocument,
  jsonLines,
  key,
  parquet,
  pipeline,
  s3Files,
  table,
} from '../../define/index.ts';
import { eventsCodeVersion } from '../../define/code-version.ts';
import type { FileFormat } from '../../model/file-format.ts';
import { formatOf } from '../../model/file-format.ts';
import { sha256Hex } from '../../record/sha256-hex.ts';

const ADDRESS = 's3://bucket/{yyyy}-{MM}-{dd}-{HH}.csv';
const tables = { rows: table(v.object({ id: csvNumber() }), ({ id }) => ({ id: key(id) })) };

describe('a format', () => {
  test.each([
    [csv(), { kind: 'csv', separator: ',' }],
    [csv({ separator: '\t' }), { kind: 'csv', separator: '\t' }],
    [jsonDocument(), { kind: 'jsonDocument', records: undefined }],
    [jsonDocument({ records: 'data.items' }), { kind: 'jsonDocument', records: ['data', 'items'] }],
    [parquet(), { kind: 'parquet' }],
    [jsonLines(), { kind: 'jsonLines' }],
    [undefined, { kind: 'jsonLines' }],
  ])('%j is part of a source', (format, told) => {
    const options = format === undefined ? {} : { format };
    expect(formatOf(s3Files(ADDRESS, options))).toEqual(told);
    expect(formatOf(httpFiles('/{yyyy}', options))).toEqual(told);
  });

  test.each(['', ',,', '"', 'a', '1', ' ', '\n', 'é'])('of CSV separated by %j is refused', (separator) => {
    expect(() => csv({ separator: separator as ',' })).toThrow(/^csv\(\): separator .* cannot separate\. There are /u);
  });

  test.each(['', '.', 'a..b', 'a.'])('of a document whose records are at %j is refused', (records) => {
    expect(() => jsonDocument({ records })).toThrow(/^jsonDocument\(\): records .* is no path\. Write the names/u);
  });

  test('that is none is refused', () => {
    const format = { kind: 'xlsx' } as unknown as FileFormat;
    expect(() => s3Files(ADDRESS, { format })).toThrow(
      new DefinitionError(
        `s3Files('${ADDRESS}')`,
        'has a format that is none. There are jsonLines(), jsonDocument(), csv(), parquet().',
      ),
    );
  });
});

describe('the code version of a merged object', () => {
  const versionOf = (format?: FileFormat) =>
    eventsCodeVersion(s3Files(ADDRESS, format === undefined ? {} : { format })).codeVersion;

  test('is for JSON lines what it always was', () => {
    const before = sha256Hex('{"engine":1,"kind":"s3"}');
    expect([versionOf(), versionOf(jsonLines())]).toEqual([before, before]);
  });

  test('changes with the format and its options, and with nothing else', () => {
    const formats = [
      undefined,
      csv(),
      csv({ separator: ';' }),
      jsonDocument(),
      jsonDocument({ records: 'a' }),
      parquet(),
    ];
    expect(new Set(formats.map(versionOf)).size).toBe(formats.length);
    expect(versionOf(csv())).toBe(versionOf(csv({ separator: ',' })));
    const [here, there] = ['http://a', 'http://b'].map(
      (base) => eventsCodeVersion(httpFiles('/{yyyy}', { base })).codeVersion,
    );
    expect(here).toBe(there);
  });
});

describe('documents behind addresses', () => {
  test('are a source of a pipeline', () => {
    const source = httpFiles('/x/{yyyy}{MM}{dd}{HH}.csv', { base: 'https://example.org/a/', clock: '-03:00' });
    expect(findPipeline(pipeline('exports', { source, window: hourly('2026-01-01T00'), tables }))?.spec.source).toEqual(
      {
        kind: 'http',
        pattern: '/x/{yyyy}{MM}{dd}{HH}.csv',
        base: 'https://example.org/a',
        clockOffsetMinutes: -180,
      },
    );
  });

  test('may leave their base to configuration', () => {
    expect(httpFiles('/{yyyy}')).toMatchObject({ base: undefined });
  });

  test.each(['example.org', 'ftp://example.org', 'https://a:b@example.org', 'https://example.org?x=1', 'https://'])(
    'with a base of %j are refused',
    (base) => {
      expect(() => httpFiles('/{yyyy}', { base })).toThrow(
        new DefinitionError(
          "httpFiles('/{yyyy}')",
          `"${base}" is no base. Write it as 'https://example.org/folder', without query, user or password.`,
        ),
      );
    },
  );

  test('whose pattern cannot be written out are refused', () => {
    expect(() => httpFiles('/{yyyy}/{any}.csv')).toThrow(
      new DefinitionError(
        "httpFiles('/{yyyy}/{any}.csv')",
        'Address pattern "/{yyyy}/{any}.csv" holds {any} or {table}, for which no address can be written.',
      ),
    );
  });

  test('that tell a coarser time than the windows, or a much finer one, are refused', () => {
    const declare = (pattern: string, window = hourly('2026-01-01T00')) =>
      pipeline('exports', { source: httpFiles(pattern), window, tables });
    expect(() => declare('/{yyyy}{MM}{dd}.csv')).toThrow(
      new DefinitionError(
        "pipeline 'exports'",
        'the addresses of its source, "/{yyyy}{MM}{dd}.csv", tell a time that is coarser than its windows. Use longer windows, or finer addresses.',
      ),
    );
    expect(() => declare('/{yyyy}{MM}{dd}{HH}{mm}{ss}.csv')).toThrow(/gives one window more than 1500 addresses/u);
    expect(() => declare('/{yyyy}{MM}{dd}.csv', daily('2026-01-31'))).not.toThrow();
  });
});
