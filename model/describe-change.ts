import type { CodeData, CodeDescription } from './code-description.ts';

/** More than these help nobody. */
const MAX_CHANGES = 8;

/**
 * What changed between two versions of an asset's code, in words, most telling first: `column speed is new`,
 * `contract: entries.speed.type was "number", is "string"`. One sentence at least where the two differ.
 */
export function describeChange(before: CodeDescription, after: CodeDescription): readonly string[] {
  if (before['tooLarge'] === true) return describeLarge(before, after);
  const changes = [
    ...describeColumns(before, after),
    ...[...new Set([...Object.keys(before), ...Object.keys(after)])]
      .filter((name) => name !== 'columns')
      .flatMap((name) => describePart(name, before[name] ?? null, after[name] ?? null)),
  ];
  if (changes.length === 0 && !isSame(before, after)) return ['the order of its columns changed'];
  if (changes.length <= MAX_CHANGES) return changes;
  return [...changes.slice(0, MAX_CHANGES - 1), `and ${changes.length - MAX_CHANGES + 1} more`];
}

/** Of a description that was too large for the record only some parts are known. */
function describeLarge({ tooLarge: _, ...known }: CodeDescription, after: CodeDescription): readonly string[] {
  const same = Object.fromEntries(Object.keys(known).map((name) => [name, after[name] ?? null]));
  const changes = describeChange(known, same);
  return changes.length > 0 ? changes : ['something changed that was too large for the record'];
}

/** A column, or a check. */
type Named = { readonly [name: string]: CodeData };

function describeColumns(before: CodeDescription, after: CodeDescription): readonly string[] {
  const [old, now] = [columnsOf(before), columnsOf(after)];
  return [
    ...[...now].flatMap(([name, column]) => {
      const other = old.get(name);
      if (!other) return [`column ${name} is new (${typeOf(column)})`];
      return isSame(other, column) ? [] : [describeColumn(name, other, column)];
    }),
    ...[...old.keys()].filter((name) => !now.has(name)).map((name) => `column ${name} is gone`),
  ];
}

function describeColumn(name: string, before: Named, after: Named): string {
  const [was, is] = [typeOf(before), typeOf(after)];
  if (was !== is) return `column ${name} was ${was}, is ${is}`;
  return `column ${name} is filled from something else`;
}

function columnsOf({ columns = null }: CodeDescription): ReadonlyMap<string, Named> {
  return namedItems(columns);
}

/** A list of things that have names, by name. */
function namedItems(list: CodeData): ReadonlyMap<string, Named> {
  const items = Array.isArray(list) ? (list as readonly Named[]) : [];
  return new Map(items.map((item) => [String(item['name']), item]));
}

function typeOf({ type, nullable }: Named): string {
  return `${String(type)}${nullable === true ? ' null' : ''}`;
}

/** How people call a part; any other goes by its own name. */
const PART_NAMES: Readonly<Record<string, string>> = {
  engine: 'Hourloom itself',
  split: 'what chooses its records',
  reads: 'what it reads',
  function: 'the version of its function',
  version: 'the version of its function',
  kind: 'its kind of source',
  family: 'a table that is filled from the same records',
};

/** Parts whose whole text says more than a path into it. */
const OPAQUE_PARTS = new Set(['statement', 'reads', 'engine', 'split', 'window', 'family']);

function describePart(part: string, before: CodeData, after: CodeData): readonly string[] {
  if (isSame(before, after)) return [];
  if (part === 'checks') return describeChecks(before, after);
  const name = PART_NAMES[part] ?? part;
  if (!isObject(before) || !isObject(after) || OPAQUE_PARTS.has(part)) {
    const [was, is] = [writeShort(before), writeShort(after)];
    return [was === undefined || is === undefined ? `${name} changed` : `${name} was ${was}, is ${is}`];
  }
  return differences([], before, after).map((difference) => `${name}: ${difference}`);
}

/** Checks are told by their names. */
function describeChecks(before: CodeData, after: CodeData): readonly string[] {
  const [old, now] = [namedItems(before), namedItems(after)];
  return [
    ...[...now].flatMap(([name, check]) => {
      const other = old.get(name);
      if (other === undefined) return [`check ${name} is new`];
      return isSame(other, check) ? [] : [`check ${name} changed`];
    }),
    ...[...old.keys()].filter((name) => !now.has(name)).map((name) => `check ${name} is gone`),
  ];
}

/** Where two values differ, by the path to it. */
function differences(path: readonly string[], before: CodeData, after: CodeData): readonly string[] {
  if (isSame(before, after)) return [];
  if (isObject(before) && isObject(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
    return names.flatMap((name) => {
      const [was, is] = [before[name], after[name]];
      const at = [...path, name];
      if (was === undefined) return [`${at.join('.')} is new`];
      if (is === undefined) return [`${at.join('.')} is gone`];
      return differences(at, was, is);
    });
  }
  const [was, is] = [writeShort(before), writeShort(after)];
  return [`${path.join('.')} ${was === undefined || is === undefined ? 'changed' : `was ${was}, is ${is}`}`];
}

const MAX_VALUE_LENGTH = 40;

/** A value as it can stand in a sentence; undefined where it is too long for that. */
function writeShort(value: CodeData): string | undefined {
  const text = JSON.stringify(value);
  return text.length <= MAX_VALUE_LENGTH ? text : undefined;
}

function isObject(value: CodeData): value is { readonly [name: string]: CodeData } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The warehouse gives an object's names in another order than they were written. */
function isSame(one: CodeData, other: CodeData): boolean {
  return JSON.stringify(sortNames(one)) === JSON.stringify(sortNames(other));
}

function sortNames(value: CodeData): CodeData {
  if (Array.isArray(value)) return (value as readonly CodeData[]).map(sortNames);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((name) => [name, sortNames(value[name] ?? null)]),
  );
}
