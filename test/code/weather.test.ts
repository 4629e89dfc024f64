import { expect, test } from 'vitest';
import { show } from '../../cli/commands/runs/show.ts';
import { statusOf } from '../../cli/commands/status-of.ts';
import type { Command, CommandContext } from '../../cli/command.ts';
import { collectDefinitions } from '../../define/definitions.ts';
import { hourWorkflowId } from '../../model/workflow-id.ts';
import type { PipelineName } from '../../model/asset-key.ts';
import { openStack } from '../hour/open-stack.ts';
import type { Stack } from '../hour/open-stack.ts';
import { services } from '../support/services.ts';
import { openWeatherService } from './weather-service.ts';
import { makeWeather } from './weather.ts';

const HOUR = Date.parse('2026-02-03T04:00:00Z');
const hourAt = (index: number): number => HOUR + index * 3_600_000;
const STATIONS = Array.from({ length: 15 }, (_, index) => `s${index}`);
const secrets = new Map([['WEATHER', 'sun-and-rain']]);

test('two hours of the weather at once keep the pool, do without a station, and say so', async () => {
  await using service = await openWeatherService({
    stations: STATIONS,
    broken: 's3',
    shaky: 's5',
    perSecond: 24,
  });
  const observations = makeWeather(service.base, 20);
  const stack = await openStack(observations, { secrets });
  const results = await Promise.all([stack.run(hourAt(0)), stack.run(hourAt(1))]);
  expect(results).toMatchObject([
    { outcome: 'made', counts: { lines: 14, good: 14 } },
    { outcome: 'made', counts: { lines: 14, good: 14 } },
  ]);
  expect(
    await stack.warehouse.sql`select station, celsius from weather.observations where at = ${new Date(HOUR)}`,
  ).toHaveLength(14);

  // The list and the stations, twice, and the one that shook: all of them in turns, none refused.
  expect(service.asked.map(({ status }) => status).toSorted()).toEqual([
    ...Array.from({ length: 2 + 2 * 14 }, () => 200),
    ...[404, 404, 503],
  ]);
  const times = service.asked.map(({ at }) => at);
  expect(times.at(-1)! - times[0]!).toBeGreaterThan(((times.length - 2) * 1_000) / 20);

  const status = await runCommand(stack, observations, statusOf, {
    selection: 'weather/observations',
    from: '2026-02-03T04',
    to: '2026-02-03T06',
  });
  expect(status).toMatchObject({
    assets: [
      { meta: { '2026-02-03T04': { stations: 15, missing: 1 }, '2026-02-03T05': { stations: 15, missing: 1 } } },
    ],
  });
  const id = hourWorkflowId({ unit: 'hour' }, { pipeline: 'weather' as PipelineName, start: hourAt(0) });
  const shown = (await runCommand(stack, observations, show, { id, log: true })) as {
    notes: [{ lines: { text: string; fields?: object }[] }];
  };
  expect(shown).toMatchObject({ state: 'completed', notes: [{ step: 'make', failed: false, meta: { stations: 15 } }] });
  const said = shown.notes[0].lines.filter(({ text }) => !text.includes('was answered 503'));
  expect(said.map(({ text, fields }) => [text, fields])).toEqual([
    ['a station is left out', { station: 's3', status: 404, said: '"not for Bearer ***"' }],
    [expect.stringMatching(/^14 records, \d+ bytes$/u), undefined],
  ]);
  await stack.close();
});

test('a service that wants it slower than the pool is obeyed, and nothing is missing in the end', async () => {
  await using service = await openWeatherService({ stations: STATIONS, perSecond: 8 });
  const stack = await openStack(makeWeather(service.base, 100), { secrets });
  expect(await stack.run(hourAt(2))).toMatchObject({ counts: { lines: 15, good: 15 } });
  expect(service.asked.some(({ status }) => status === 429)).toBe(true);
  const pauses = service.asked.map(({ at }, index) => at - (service.asked[index - 1]?.at ?? at));
  expect(Math.max(...pauses)).toBeGreaterThan(900);
  await stack.close();
});

/** What a command gives to programs, on the servers of the stack. */
async function runCommand<Options>(
  { databaseUrl, lakeBucket, taskQueue }: Stack,
  observations: ReturnType<typeof makeWeather>,
  command: Command<Options>,
  options: Options,
): Promise<unknown> {
  const { temporalAddress, s3 } = services();
  const { endpoint, region, ...credentials } = s3;
  let given: unknown;
  const output = { json: true, note() {}, result: (document: object) => void (given = document) };
  const config = { databaseUrl, temporalAddress, s3: { endpoint, region, credentials }, lakeBucket, taskQueue };
  const context = {
    config,
    environment: {},
    output,
    loadDefinitions: async () => collectDefinitions('test', { observations }),
    explain: String,
  } as unknown as CommandContext;
  await command(context, options);
  return given;
}
