import type { FieldPath, FieldValue } from '../model/column.ts';
import { formatDecimal, readNumericType } from './decimal.ts';
import { reformatTimestamp } from './format-timestamp.ts';

/** The value under a path; null where it, or something on the way to it, is absent. */
export function readValue(record: unknown, path: FieldPath): unknown {
  let value: unknown = record;
  for (const name of path) {
    if (value === null || value === undefined) return null;
    value = (value as Readonly<Record<string, unknown>>)[name];
  }
  return value ?? null;
}

/** The texts of the fields, one after the other. `element` is what a child table's row is made of. */
export function readTexts(record: unknown, fields: readonly FieldValue[], element?: unknown): string {
  let texts = '';
  for (const field of fields) texts += readText(field.ofElement ? element : record, field);
  return texts;
}

/**
 * The text that ids are hashed over: timestamps as `formatTimestamp` prints them, UUIDs in lower case, decimals with all
 * digits after their point, all else as JavaScript prints it. Its shape may never change.
 */
function readText(record: unknown, field: FieldValue): string {
  const value = readValue(record, field.path);
  switch (field.type) {
    case 'timestamptz':
      return reformatTimestamp(String(value));
    case 'uuid':
      return String(value).toLowerCase();
    default: {
      const size = field.type.startsWith('numeric') ? readNumericType(field.type) : undefined;
      return size ? formatDecimal(value as string | number, size) : String(value);
    }
  }
}
