import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { door2door } from '../../assets/index.ts';
import { deleteObjects } from './delete-objects.ts';
import { openStack } from './open-stack.ts';
import type { Stack } from './open-stack.ts';
import { compareTables } from '../parquet/compare-tables.ts';
import { hasRealFiles, readRealFiles } from './real-files.ts';

const HOUR = Date.parse('2019-06-01T18:00:00Z');
const COUNTS = { files: 721, filesLoaded: 721, filesRejected: 0, filesSkipped: 0, filesEmpty: 0 };
const LINES = { lines: 35_351, good: 35_351, duplicate: 0, quarantined: 0 };
const ROWS = { 'door2door/vehicle_location': 35_349, 'door2door/operating_periods': 2 };

// The real hour lies beside the project, not in it. Without it the same rules are held against generated files alone.
if (hasRealFiles) {
  describe('the real hour of door2door', () => {
    let stack: Stack;
    let files: Awaited<ReturnType<typeof readRealFiles>>;
    beforeAll(async () => {
      stack = await openStack(door2door);
      files = await readRealFiles();
      await stack.feed(files);
    });
    afterAll(() => stack.close());

    test('is made with every file and line accounted for', async () => {
      expect(await stack.run(HOUR)).toEqual({
        outcome: 'made',
        data: 'fresh',
        counts: { ...COUNTS, ...LINES },
        rows: ROWS,
      });
    });

    test('is the same in its Parquet, row for row', async () => {
      expect(await compareTables(stack, HOUR)).toEqual({ vehicle_location: 35_349, operating_periods: 2 });
    });

    test('has the known kinds and ids', async () => {
      const { sql } = stack.warehouse;
      expect(
        await sql`select event_operation, count(*) from door2door.vehicle_location group by event_operation order by 1`,
      ).toEqual([
        { event_operation: 'deregister', count: 100 },
        { event_operation: 'register', count: 100 },
        { event_operation: 'update', count: 35_149 },
      ]);
      expect(
        await sql`select operating_period_id, event_generated_id from door2door.operating_periods order by 1`,
      ).toEqual([
        { operating_period_id: 'op_1', event_generated_id: '273a419d-12e7-067c-cad5-153fd7e5b3ee' },
        { operating_period_id: 'op_2', event_generated_id: '7e253de1-62c7-343e-d332-76d48e08d570' },
      ]);
      expect(
        await sql`
          select event_generated_id
          from door2door.vehicle_location
          where (vehicle_id = '3a3eb23a-f22e-4fe9-8c20-f37220a81909' and event_operation = 'register')
            or (vehicle_id = 'c280a812-7723-4edb-b0a2-96742740265b' and event_timestamp = '2019-06-01T18:22:45.000Z')
          order by event_timestamp
        `,
      ).toEqual([
        { event_generated_id: 'b258bf99-f454-0967-c9c4-17bbb3cfd27a' },
        { event_generated_id: '80044921-c838-d4a4-3d54-8773b21e0551' },
      ]);
      expect(await readIdDigest(stack)).toBe('9ae4618c4eef921d65a430ebda0962a59b81188d6272716b13b231546c982917');
    });

    test('keeps the place that each row came from, and nulls where a vehicle has no location', async () => {
      const { sql } = stack.warehouse;
      expect(await sql`select original_s3_file_path from door2door.operating_periods order by 1`).toEqual([
        { original_s3_file_path: 'data/2019-06-01-15-17-3-events.json' },
        { original_s3_file_path: 'data/2019-06-01-15-17-4-events.json' },
      ]);
      expect(
        await sql`
          select event_operation, count(vehicle_latitude) as located
          from door2door.vehicle_location
          group by event_operation
          order by 1
        `,
      ).toEqual([
        { event_operation: 'deregister', located: 0 },
        { event_operation: 'register', located: 0 },
        { event_operation: 'update', located: 35_149 },
      ]);
    });

    test('is unchanged when it is run again, and the same when it is forced', async () => {
      expect((await stack.run(HOUR)).outcome).toBe('unchanged');
      expect(await stack.run(HOUR, { force: true })).toEqual({
        outcome: 'made',
        data: 'fresh',
        counts: { ...COUNTS, ...LINES },
        rows: ROWS,
      });
      expect(await readIdDigest(stack)).toBe('9ae4618c4eef921d65a430ebda0962a59b81188d6272716b13b231546c982917');
      expect(await stack.warehouse.sql`select count(*) from door2door.vehicle_location`).toEqual([{ count: 35_349 }]);
    });

    test('counts come out with three files removed, ten lines repeated and one line broken', async () => {
      const isThird = ({ key }: { key: string }) => /15-18-(?:10|20|30)-events/u.test(key);
      const removed = files.filter(isThird);
      const removedLines = removed.reduce((sum, { body }) => sum + countLines(body), 0);
      const [donor, target] = files.filter(({ key }) => /15-19-1[01]-events/u.test(key));
      const repeated = donor!.body.toString().split('\n').slice(0, 10).join('\n');
      const [first, ...rest] = target!.body.toString().split('\n');
      const changed = [first!.slice(0, -3), ...rest].join('\n') + `${repeated}\n`;
      await deleteObjects(
        stack,
        'door2door-events',
        removed.map(({ key }) => key),
      );
      await stack.feed([{ key: target!.key, body: changed }]);

      const good = 35_351 - removedLines - 1;
      expect(await stack.run(HOUR)).toEqual({
        outcome: 'made',
        data: 'fresh',
        counts: {
          ...COUNTS,
          files: 718,
          filesLoaded: 718,
          lines: 35_351 - removedLines + 10,
          good,
          duplicate: 10,
          quarantined: 1,
        },
        rows: { 'door2door/vehicle_location': good - 2, 'door2door/operating_periods': 2 },
      });
      expect(await stack.warehouse.sql`select source_key, line, reason from hourloom.quarantine`).toEqual([
        { source_key: target!.key, line: 1, reason: 'bad_json' },
      ]);
      await stack.feed(files);
      expect((await stack.run(HOUR)).rows).toEqual(ROWS);
    });
  });
} else {
  test('the real hour is not at hand: its rules are held against generated files only', () => {
    expect(hasRealFiles).toBe(false);
  });
}

async function readIdDigest({ warehouse }: Stack): Promise<string> {
  const rows = await warehouse.sql<{ id: string }[]>`
    select event_generated_id::text as id
    from door2door.vehicle_location
    order by event_generated_id::text collate "C"
  `;
  return createHash('sha256')
    .update(rows.map(({ id }) => id).join('\n'))
    .digest('hex');
}

function countLines(body: Buffer): number {
  return body
    .toString()
    .split('\n')
    .filter((line) => line !== '').length;
}
