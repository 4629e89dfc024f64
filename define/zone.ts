import { isZone } from '../model/zone.ts';
import { DefinitionError } from './definition-error.ts';

/** Reads the name of a time zone, as the IANA's list has it: other programs take it letter by letter. */
export function readZone(where: string, zone: unknown): string {
  if (typeof zone === 'string' && isZone(zone)) return zone;
  throw new DefinitionError(
    where,
    `zone '${String(zone)}' is no name of a time zone. Write one of the IANA's list, such as 'Europe/Zagreb'.`,
  );
}
