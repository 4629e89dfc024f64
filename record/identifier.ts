import { MAX_IDENTIFIER_BYTES } from '../model/asset-key.ts';
import { sha256Hex } from './sha256-hex.ts';

/** Words that Postgres 18 reads as something else than a name of a table or column. */
const RESERVED = new Set(
  `all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation
   column concurrently constraint create cross current_catalog current_date current_role current_schema current_time
   current_timestamp current_user default deferrable desc distinct do else end except false fetch for foreign freeze
   from full grant group having ilike in initially inner intersect into is isnull join lateral leading left like limit
   localtime localtimestamp natural not notnull null offset on only or order outer overlaps placing primary references
   returning right select session_user similar some symmetric system_user table tablesample then to trailing true union
   unique user using variadic verbose when where window with`.split(/\s+/u),
);

/** A name as SQL takes it: as it is where that is safe, else in double quotes. */
export function quoteIdentifier(name: string): string {
  if (/^[a-z_][a-z0-9_]*$/u.test(name) && !RESERVED.has(name)) return name;
  return `"${name.replaceAll('"', '""')}"`;
}

/**
 * A name made of another one and what it is for: `trips_key_per_load`. Where that is longer than Postgres takes, a hash
 * stands for the end of the other name, so that Postgres does not cut two names to the same one.
 */
export function deriveIdentifier(name: string, suffix: string): string {
  const derived = `${name}_${suffix}`;
  if (Buffer.byteLength(derived) <= MAX_IDENTIFIER_BYTES) return derived;
  const hash = sha256Hex(name).slice(0, 8);
  return `${name.slice(0, MAX_IDENTIFIER_BYTES - suffix.length - hash.length - 2)}_${hash}_${suffix}`;
}

/** A name in SQL that is not Postgres', whose words that must be quoted are others. */
export function quoteAlways(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
