import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { DefinitionError, findPipeline, hourly, key, pipeline, s3Files, table, uuid } from '../../define/index.ts';
import type { Pipeline, PipelineOptions, Table } from '../../define/index.ts';
import { collectDefinitions } from '../../define/definitions.ts';
import type { PipelineSpec } from '../../model/pipeline-spec.ts';

const Car = v.object({ on: v.literal('car'), id: uuid(), colour: v.picklist(['red', 'blue']) });
const Bus = v.object({ on: v.literal('bus'), id: uuid(), colour: v.literal('red'), seats: v.literal(50) });
const cars = table(Car, ({ id }) => ({ id: key(id) }));
const buses = table(Bus, ({ id }) => ({ id: key(id) }));
const source = s3Files('s3://traffic/{yyyy}-{MM}-{dd}-{HH}.json');
const window = hourly('2019-06-01T18');

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
    expect(traffic.cars).toBe(cars);
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

  test('hold a pipeline at least', () => {
    expect(() => collectDefinitions('assets/index.ts', { cars })).toThrow(
      new DefinitionError('assets/index.ts', 'exports no pipeline. Export one made with pipeline(…).'),
    );
  });
});
