import { getS3Source } from '../../model/get-s3-source.ts';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import {
  DefinitionError,
  derived,
  findDerived,
  findPipeline,
  hourly,
  key,
  pipeline,
  s3Files,
  sql,
  table,
  uuid,
} from '../../define/index.ts';
import type { Pipeline, PipelineOptions, Table } from '../../define/index.ts';
import { collectDefinitions } from '../../define/definitions.ts';
import type { PipelineSpec } from '../../model/pipeline-spec.ts';

const Car = v.object({ on: v.literal('car'), id: uuid(), colour: v.picklist(['red', 'blue']) });
const Bus = v.object({ on: v.literal('bus'), id: uuid(), colour: v.literal('red'), seats: v.literal(50) });
const cars = table(Car, ({ id }) => ({ id: key(id) }));
const buses = table(Bus, ({ id }) => ({ id: key(id) }));
const source = s3Files('s3://traffic/{yyyy}-{MM}-{dd}-{HH}.json');
const window = hourly('2019-06-01T18');
const row = v.object({ id: uuid() });

/** A definition in plain JavaScript, where no compiler says no. */
function untypedPipeline(options: object, name = 'traffic'): Pipeline {
  return pipeline(name, { source, window, ...options } as unknown as PipelineOptions<Record<string, Table>>);
}

function specOf(value: unknown): PipelineSpec {
  const found = findPipeline(value);
  if (!found) throw new Error('no pipeline');
  return found.spec;
}

describe('a pipeline', () => {
  test('whose files belong to the moment they are written takes no sample, which is made for windows of the past', () => {
    const byWriting = { source: s3Files('s3://traffic/{any}.json', { hourOf: 'lastModified' }), tables: { cars } };
    expect(getS3Source(specOf(untypedPipeline(byWriting))).hourOf).toBe('lastModified');
    expect(() => untypedPipeline({ ...byWriting, sample: () => [] })).toThrow(
      new DefinitionError(
        "pipeline 'traffic'",
        "has a sample, whose files would all belong to the moment they are fed: its source has hourOf: 'lastModified'. Leave the sample away.",
      ),
    );
  });

  test('waits five minutes, looks back three days and promises nothing where it does not say so', () => {
    const { settleMs, latenessMs, promiseMs, splitBy } = specOf(
      pipeline('traffic', { source, window, tables: { cars } }),
    );
    expect({ settleMs, latenessMs, promiseMs, splitBy }).toEqual({
      settleMs: 300_000,
      latenessMs: 259_200_000,
      promiseMs: undefined,
      splitBy: undefined,
    });
  });

  test('has its tables under their names, which are also their assets', () => {
    const traffic = pipeline('traffic', { source, window, splitBy: 'on', tables: { cars, buses } });
    expect(traffic.cars).toMatchObject(cars);
    expect(Object.keys(traffic)).toEqual(['cars', 'buses']);
    expect(
      specOf(traffic).tables.map(({ asset, schema, name, splitValue }) => [asset, schema, name, splitValue]),
    ).toEqual([
      ['traffic/cars', 'traffic', 'cars', 'car'],
      ['traffic/buses', 'traffic', 'buses', 'bus'],
    ]);
  });

  test('can choose records for its only table', () => {
    const traffic = pipeline('traffic', { source, window, splitBy: 'on', tables: { cars } });
    expect(specOf(traffic).tables.map(({ splitValue }) => splitValue)).toEqual(['car']);
  });

  test('is told from every other value', () => {
    const others = [undefined, null, 'traffic', cars, Car, { tables: { cars } }, () => cars];
    expect(others.map((value) => findPipeline(value))).toEqual(others.map(() => undefined));
  });
});

describe('a definition is refused', () => {
  test.each(['Traffic', 'traffic/cars', '2fast', '_traffic', 'traf fic', '', 'a'.repeat(64)])(
    'when its pipeline is called %j',
    (name) => {
      expect(() => untypedPipeline({ tables: { cars } }, name)).toThrow(
        new DefinitionError(`pipeline '${name}'`, 'is no name. Use lower case letters, digits and _, at most 63.'),
      );
    },
  );

  test.each(['hourloom', 'public', 'information_schema', 'pg_catalog', 'pg_mine'])(
    'when its pipeline would write into the schema %s',
    (name) => {
      expect(() => untypedPipeline({ tables: { cars } }, name)).toThrow(
        new DefinitionError(`pipeline '${name}'`, `the SQL schema "${name}" is taken. Choose another name.`),
      );
    },
  );

  test.each(['Cars', 'my-cars', 'cars/red', '1', '', 'a'.repeat(64)])('when a table is called %j', (name) => {
    expect(() => untypedPipeline({ tables: { [name]: cars } })).toThrow(
      new DefinitionError(
        `table 'traffic/${name}'`,
        `"${name}" is no name. Use lower case letters, digits and _, at most 63.`,
      ),
    );
  });

  test('when a table has the name of the merged object', () => {
    expect(() => untypedPipeline({ tables: { events: cars } })).toThrow(
      new DefinitionError("table 'traffic/events'", 'this name is taken by the merged object. Rename the table.'),
    );
  });

  test('when it has no tables', () => {
    expect(() => untypedPipeline({ tables: {} })).toThrow(
      new DefinitionError("pipeline 'traffic'", 'has no tables. Add one under `tables`.'),
    );
  });

  test.each([Car, {}, 'cars', 5, null, undefined])('when a table is something else: %j', (other) => {
    expect(() => untypedPipeline({ tables: { cars: other } })).toThrow(
      new DefinitionError("table 'traffic/cars'", 'is no table. Make it with table(contract, columns).'),
    );
  });

  test('when nothing tells the records of its tables apart', () => {
    expect(() => untypedPipeline({ tables: { cars, buses } })).toThrow(
      new DefinitionError(
        "pipeline 'traffic'",
        'has several tables but no `splitBy`: name the field that tells their records apart.',
      ),
    );
  });

  test.each([
    ['off', 'buses', 'lacks it'],
    ['id', 'buses', 'takes any text'],
    ['colour', 'cars', 'takes several texts'],
    ['seats', 'buses', 'has a number'],
  ])('when splitBy is %j, but the contract of %s %s there', (splitBy, tableName) => {
    expect(() => untypedPipeline({ splitBy, tables: { buses, cars } })).toThrow(
      new DefinitionError(
        `table 'traffic/${tableName}'`,
        `splitBy names "${splitBy}", but the contract has no literal text there. Write ${splitBy}: v.literal('…').`,
      ),
    );
  });

  test('when two tables take the same records', () => {
    expect(() => untypedPipeline({ splitBy: 'on', tables: { cars, buses, more_cars: cars } })).toThrow(
      new DefinitionError(
        "pipeline 'traffic'",
        'tables "cars" and "more_cars" both take records with "car". Make their literals differ.',
      ),
    );
  });

  test('when its window says no first one', () => {
    expect(() => untypedPipeline({ tables: { cars }, window: hourly() })).toThrow(
      new DefinitionError("pipeline 'traffic'", "its window says no first one. Write it as hourly('2026-01-01T00')."),
    );
  });

  test.each(['settle', 'lateness', 'promise'])('when its %s is no duration', (option) => {
    expect(() => untypedPipeline({ tables: { cars }, [option]: '5m' })).toThrow(
      new DefinitionError(
        "pipeline 'traffic'",
        `"5m" is no duration. Write a whole number and a unit, such as '5 minutes'.`,
      ),
    );
  });

  test('with the table that is wrong named first', () => {
    const wrong = table(Car, ({ id }) => ({ Id: key(id) }));
    expect(() => untypedPipeline({ tables: { cars: wrong } })).toThrow(
      /^table 'traffic\/cars': "Id" is no column name\./u,
    );
  });
});

describe('the definitions of a module', () => {
  const traffic = pipeline('traffic', { source, window, tables: { cars } });
  const transit = pipeline('transit', { source, window, tables: { buses } });

  test('are the pipelines among its exports, by name', () => {
    const { pipelines } = collectDefinitions('assets/index.ts', {
      traffic,
      transit,
      cars,
      Car,
      version: 1,
      helper: () => 1,
    });
    expect([...pipelines.keys()]).toEqual(['traffic', 'transit']);
    expect([...pipelines.values()].map(({ spec }) => spec)).toEqual([specOf(traffic), specOf(transit)]);
  });

  test('may export one pipeline twice', () => {
    const { pipelines } = collectDefinitions('assets/index.ts', { traffic, again: traffic });
    expect([...pipelines.keys()]).toEqual(['traffic']);
  });

  test('may not hold two pipelines of one name', () => {
    const other = pipeline('traffic', { source, window, tables: { buses } });
    expect(() => collectDefinitions('assets/index.ts', { traffic, other })).toThrow(
      new DefinitionError('assets/index.ts', 'two pipelines are called "traffic". Rename one of them.'),
    );
  });

  test('are its derived assets too, by key', () => {
    const fleet = derived('traffic/fleet', { row, key: ['id'], sql: sql`select id from ${traffic.cars}` });
    const { derived: found } = collectDefinitions('assets/index.ts', { fleet, again: fleet, traffic });
    expect([...found]).toEqual([['traffic/fleet', findDerived(fleet)]]);
  });

  test('may not read a table that they do not hold', () => {
    const fleet = derived('traffic/fleet', { row, key: ['id'], sql: sql`select id from ${transit.buses}` });
    expect(() => collectDefinitions('assets/index.ts', { traffic, fleet })).toThrow(
      new DefinitionError(
        'assets/index.ts',
        '"traffic/fleet" reads "transit/buses", which is not defined. Correct its name, or export its definition.',
      ),
    );
  });

  test('may not hold two assets of one key', () => {
    const more = derived('traffic/cars', { row, key: ['id'], sql: sql`select id from ${transit.buses}` });
    expect(() => collectDefinitions('assets/index.ts', { traffic, transit, more })).toThrow(
      /^assets\/index\.ts: "traffic\/cars" is defined twice\. Rename one of them\.$/mu,
    );
  });

  test('may not read each other in a circle', () => {
    const first = derived('traffic/loop', { row, key: ['id'], sql: sql`select id from ${traffic.cars}` });
    const second = derived('traffic/back', { row, key: ['id'], sql: sql`select id from ${first}` });
    const again = derived('traffic/loop', { row, key: ['id'], sql: sql`select id from ${second}` });
    expect(() => collectDefinitions('assets/index.ts', { traffic, second, again })).toThrow(
      /circle: "traffic\/back" -> "traffic\/loop" -> "traffic\/back"\. Remove one of these reads\./u,
    );
  });

  test('hold a pipeline at least', () => {
    expect(() => collectDefinitions('assets/index.ts', { cars })).toThrow(
      new DefinitionError('assets/index.ts', 'exports no pipeline. Export one made with pipeline(…).'),
    );
  });
});

test('a group and a description are for people: they change no code version', () => {
  const about = (options: object) => specOf(untypedPipeline({ tables: { cars }, ...options }));
  const said = about({ group: 'fleet', description: 'All that moves.' });
  expect(said).toMatchObject({ group: 'fleet', description: 'All that moves.' });
  expect(said.tables.map(({ codeVersion }) => codeVersion)).toEqual(
    about({}).tables.map(({ codeVersion }) => codeVersion),
  );
  expect(() => about({ group: 'The Fleet' })).toThrow('"The Fleet" is no name of a group.');
});
