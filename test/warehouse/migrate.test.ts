import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { MIGRATIONS_FOLDER, migrateDown, migrateUp, migrationStatus } from '../../warehouse/migrate.ts';
import { openWarehouse } from '../../warehouse/open-warehouse.ts';
import type { Warehouse } from '../../warehouse/open-warehouse.ts';
import { createDatabase } from '../support/services.ts';
import { dumpSchema } from './dump-schema.ts';

const NAMES = [
  '0001_fence',
  '0002_materialization',
  '0003_quarantine',
  '0004_last_failure',
  '0005_backfill',
  '0006_status',
  '0007_last_failure_tried',
  '0008_notes',
  '0009_make',
  '0010_check_result',
  '0011_deploy',
  '0012_health',
  '0013_survey',
  '0014_ruling',
  '0015_erasure',
  '0016_reference',
];
const NEWEST = NAMES.at(-1)!;
const NEXT = String(NAMES.length + 1).padStart(4, '0');

let warehouse: Warehouse;
let folder: string;

beforeAll(async () => {
  warehouse = openWarehouse({ url: await createDatabase(), maxConnections: 4, applicationName: 'hourloom test' });
});
afterAll(() => warehouse.close());
beforeEach(async () => {
  await warehouse.sql`drop schema if exists hourloom cascade`;
  folder = await mkdtemp(join(tmpdir(), 'hourloom-migrations-'));
  await cp(MIGRATIONS_FOLDER, folder, { recursive: true });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('all migrations together give the committed schema', async () => {
  expect(await migrateUp(warehouse, MIGRATIONS_FOLDER)).toEqual(NAMES);
  await expect(await dumpSchema(warehouse.sql, 'hourloom')).toMatchFileSnapshot('../../sql/schema.sql');
});

test('every migration goes back to what was before it, and forth again to the same', async () => {
  await migrateUp(warehouse, MIGRATIONS_FOLDER);
  const dumps = [await dumpSchema(warehouse.sql, 'hourloom')];
  for (let to = NAMES.length - 1; to >= 0; to -= 1) {
    expect(await migrateDown(warehouse, MIGRATIONS_FOLDER, to)).toEqual([NAMES[to]]);
    dumps.unshift(await dumpSchema(warehouse.sql, 'hourloom'));
  }
  expect(new Set(dumps).size).toBe(NAMES.length + 1);
  for (let from = 0; from < NAMES.length; from += 1) {
    const only = await mkdtemp(join(tmpdir(), 'hourloom-migrations-'));
    for (const name of NAMES.slice(0, from + 1)) {
      await cp(join(folder, `${name}.sql`), join(only, `${name}.sql`));
      await cp(join(folder, `${name}.down.sql`), join(only, `${name}.down.sql`));
    }
    expect(await migrateUp(warehouse, only)).toEqual([NAMES[from]]);
    expect(await dumpSchema(warehouse.sql, 'hourloom')).toBe(dumps[from + 1]);
    await rm(only, { recursive: true });
  }
});

test('a second run finds nothing to do', async () => {
  await migrateUp(warehouse, folder);
  expect(await migrateUp(warehouse, folder)).toEqual([]);
});

test('many at once apply each migration once', async () => {
  // More than once, on the same sessions: each remembers the schema that was dropped, and must hear of the new one.
  for (let round = 1; round <= 5; round += 1) {
    await warehouse.sql`drop schema if exists hourloom cascade`;
    const applied = await Promise.all([1, 2, 3, 4].map(() => migrateUp(warehouse, folder)));
    expect(applied.flat().toSorted()).toEqual(NAMES);
  }
});

test('the status of an empty database says that all is pending, and leaves it empty', async () => {
  expect(await migrationStatus(warehouse, folder)).toEqual(
    NAMES.map((name, index) => ({ state: 'pending', number: index + 1, name })),
  );
  expect(await warehouse.sql`select to_regnamespace('hourloom') as found`).toEqual([{ found: null }]);
});

test('the status says when each was applied', async () => {
  await migrateUp(warehouse, folder);
  await migrateDown(warehouse, folder, 3);
  const states = await migrationStatus(warehouse, folder);
  expect(states.map(({ state }) => state)).toEqual([
    'applied',
    'applied',
    'applied',
    ...NAMES.slice(3).map(() => 'pending'),
  ]);
  expect(states[0]).toEqual({ state: 'applied', number: 1, name: '0001_fence', appliedAt: expect.any(Number) });
});

test('a migration that fails leaves nothing of itself, and those before it stand', async () => {
  await writeFile(join(folder, `${NEXT}_broken.sql`), 'create table hourloom.half (); select 1 / 0;');
  await writeFile(join(folder, `${NEXT}_broken.down.sql`), 'drop table hourloom.half;');
  await expect(migrateUp(warehouse, folder)).rejects.toMatchObject({ code: '22012' });
  expect(
    await warehouse.sql`select to_regclass('hourloom.half') as half, count(*) as applied from hourloom.migration`,
  ).toEqual([{ half: null, applied: NAMES.length }]);
});

test('a migration that was edited after it had landed is refused', async () => {
  await migrateUp(warehouse, folder);
  await writeFile(join(folder, '0003_quarantine.sql'), 'create table hourloom.quarantine ();');
  const edited = {
    name: 'MigrationError',
    message:
      'Migration 0003_quarantine was changed after it had been applied to this warehouse. ' +
      'Restore its file as it was, and put the change into a new migration.',
  };
  await expect(migrateUp(warehouse, folder)).rejects.toMatchObject(edited);
  await expect(migrateDown(warehouse, folder, 0)).rejects.toMatchObject(edited);
  await expect(migrationStatus(warehouse, folder)).rejects.toMatchObject(edited);
});

test('a warehouse that is newer than the program is refused', async () => {
  await migrateUp(warehouse, folder);
  await rm(join(folder, `${NEWEST}.sql`));
  await expect(migrateUp(warehouse, folder)).rejects.toMatchObject({
    message:
      `The warehouse has migration ${NEWEST}, which this version does not know. ` +
      'Use the version that applied it, or a newer one.',
  });
});

test('a migration without a way back is refused, and so is a missing number', async () => {
  await rm(join(folder, '0004_last_failure.down.sql'));
  await expect(migrateUp(warehouse, folder)).rejects.toMatchObject({
    message: 'Migration 0004_last_failure has no way back. Write 0004_last_failure.down.sql beside it.',
  });
  await rm(join(folder, '0004_last_failure.sql'));
  await rm(join(folder, '0002_materialization.sql'));
  await expect(migrateUp(warehouse, folder)).rejects.toMatchObject({
    message: 'Migration 0003_quarantine should have the number 2: numbers begin at 1 and leave none out.',
  });
});
