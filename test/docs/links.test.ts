import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { addCommands } from '../../cli/add-commands.ts';

const ROOT = join(import.meta.dirname, '../..');
const DOCS = readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md'));
const PAGES = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...DOCS.map((name) => `docs/${name}`),
];

test.for(PAGES)('%s points to files and headings that are there', (page) => {
  const broken = findLinks(read(page)).filter((link) => {
    const [path = '', heading] = link.split('#');
    const target = path === '' ? page : join(dirname(page), path);
    if (!existsSync(join(ROOT, target))) return true;
    return heading !== undefined && !findHeadings(read(target)).includes(heading);
  });
  expect(broken).toEqual([]);
});

describe('the README', () => {
  const readme = read('README.md');

  test('has one row for each command, as it is written, with all of its options', () => {
    const rows = findRows(readme, '| command | does |', '## Commands');
    const described = rows.map(([usage = '', does = '']) => [usage, ...findOptions(does)]);
    expect(described).toEqual(declareCommands());
  });

  test('has one row for each exit code', () => {
    const codes = findRows(readme, '| exit code | means |', '## Commands').map(([code]) => code);
    expect(codes).toEqual(/type ExitCode = (.+);/u.exec(read('cli/exit-code.ts'))?.[1]?.split(' | '));
  });

  test('names every variable that is read, and beside them only Temporal’s own', () => {
    const named = [...readme.matchAll(/`([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)`/gu)].map(([, name = '']) => name);
    const own = [...read('config/read-config.ts').matchAll(/^ {2}([A-Z0-9_]+): /gmu)].map(([, name = '']) => name);
    const temporals = read('node_modules/@temporalio/envconfig/lib/envconfig-toml.js');
    expect(own.filter((name) => !named.includes(name))).toEqual([]);
    expect(named.filter((name) => !own.includes(name) && !temporals.includes(`'${name}'`))).toEqual([]);
  });
});

test('the guide explains every reason for which something is quarantined', () => {
  const guide = read('docs/writing-a-pipeline.md');
  const listReasons = (file: string) =>
    [...read(file).matchAll(/(?<=\| )'(\w+)'|(?<== )'(\w+)'/gu)].map(([word]) => word.slice(1, -1));
  const explained = (heading: string) => findRows(guide, heading, '## Quarantine').map(([reason = '']) => reason);
  expect(explained('| reason | the line |').toSorted()).toEqual(listReasons('record/quarantined.ts').toSorted());
  expect(explained('| reason | the file |').toSorted()).toEqual(listReasons('model/file-reason.ts').toSorted());
});

function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

/** Where its links lead; those to other sites are left out. */
function findLinks(text: string): readonly string[] {
  return [...text.matchAll(/\]\(([^)\s]+)\)/gu)].flatMap(([, link]) => (link && !/^[a-z]+:/u.test(link) ? [link] : []));
}

/** As links name them. */
function findHeadings(text: string): readonly string[] {
  return [...text.matchAll(/^#+ (.+)$/gmu)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} -]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** The cells of a table's rows, without the marks of code, the table that begins with `heading` after `section`. */
function findRows(text: string, heading: string, section: string): readonly (readonly string[])[] {
  const from = text.indexOf(heading, text.indexOf(`\n${section}\n`));
  const [, , ...rows] = text.slice(from, text.indexOf('\n\n', from)).split('\n');
  return rows
    .map((row) => row.split('|').slice(1, -1))
    .map((cells) => [(cells[0] ?? '').replaceAll('`', '').trim(), cells[1] ?? '']);
}

/** Usage and options of each command: `['down']`, `['logs [service]', '--lines']`. */
function declareCommands(): readonly (readonly string[])[] {
  const program = new Command();
  addCommands(program, () => Promise.resolve());
  return program.commands.map((command) => {
    const names = command.registeredArguments.map((argument) =>
      argument.required ? `<${argument.name()}>` : `[${argument.name()}]`,
    );
    const options = command.options.flatMap(({ long }) => long ?? []).filter((option) => option !== '--json');
    return [[command.name(), ...names].join(' '), ...options.toSorted()];
  });
}

function findOptions(text: string): readonly string[] {
  return [...new Set([...text.matchAll(/(?<=`)--[a-z-]+/gu)].map(([option]) => option))].toSorted();
}
