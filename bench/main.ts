import { parseArgs } from 'node:util';
import { formatTable } from '../cli/format-table.ts';
import type { Bench, Figures } from './bench.ts';
import { describeComputer } from './describe-computer.ts';
import { hour } from './hour.ts';
import { openBenchMachine } from './open-bench-machine.ts';
import { orchestration } from './orchestration.ts';
import { parquet } from './parquet.ts';
import { rulings } from './rulings.ts';
import { status } from './status.ts';
import { roundFigure } from './percentile.ts';
import { trips } from './trips.ts';

const BENCHES: Readonly<Record<string, Bench>> = { orchestration, status, hour, rulings, parquet, trips };
const USAGE = `npm run bench -- ${Object.keys(BENCHES).join('|')} [--json] [--hours 2000] [--profile <folder>]`;

/** Measures; one document on stdout with --json, else a table; all else on stderr. */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    hours: { type: 'string', default: '2000' },
    profile: { type: 'string' },
  },
});
const [name = ''] = positionals;
const bench = BENCHES[name];
const hours = Number(values.hours);
if (!bench || positionals.length > 1 || !Number.isInteger(hours) || hours < 1) {
  console.error(`Usage: ${USAGE}`);
  process.exitCode = 2;
} else {
  const note = (line: string) => console.error(line);
  const { figures, ratios } = await bench({
    note,
    hours,
    openMachine: (pipeline) => openBenchMachine({ note, profileFolder: values.profile, pipeline }),
  });
  const document = { bench: name, machine: describeComputer(), figures: roundAll(figures), ratios: roundAll(ratios) };
  console.log(values.json ? JSON.stringify(document, undefined, 2) : writeTable(document));
}

function roundAll(figures: Figures): Figures {
  return Object.fromEntries(Object.entries(figures).map(([figure, value]) => [figure, roundFigure(value)]));
}

function writeTable({ machine, figures, ratios }: { machine: object; figures: Figures; ratios: Figures }): string {
  const rows = [...Object.entries(figures), ...Object.entries(ratios)];
  const where = Object.entries(machine).map(([what, value]) => `${what} ${value}`);
  return `${formatTable([['figure', 'value'], ...rows])}\n\n${where.join(', ')}`;
}
