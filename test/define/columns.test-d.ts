import * as v from 'valibot';
import { expectTypeOf } from 'vitest';
import { hashedUuid, key, table, timestamp, uuid } from '../../define/index.ts';
import type { Field, Row, Timestamp, Uuid } from '../../define/index.ts';

const Reading = v.object({
  id: uuid(),
  at: timestamp(),
  note: v.optional(v.string()),
  unit: v.exactOptional(v.picklist(['C', 'F'])),
  site: v.optional(v.string(), 'unknown'),
  isTest: v.boolean(),
  place: v.nullish(v.object({ lat: v.number(), room: v.nullable(v.string()), floor: v.object({ level: v.number() }) })),
  tags: v.array(v.string()),
});

// Every value of a record is a field with its type and whether it can be absent, also from an object above it.
table(Reading, (record, line) => {
  expectTypeOf(record.id).toEqualTypeOf<Field<Uuid, false>>();
  expectTypeOf(record.at).toEqualTypeOf<Field<Timestamp, false>>();
  expectTypeOf(record.note).toEqualTypeOf<Field<string, true>>();
  expectTypeOf(record.unit).toEqualTypeOf<Field<'C' | 'F', true>>();
  expectTypeOf(record.site).toEqualTypeOf<Field<string, false>>();
  expectTypeOf(record.isTest).toEqualTypeOf<Field<boolean, false>>();
  expectTypeOf(record.place.lat).toEqualTypeOf<Field<number, true>>();
  expectTypeOf(record.place.room).toEqualTypeOf<Field<string, true>>();
  expectTypeOf(record.place.floor.level).toEqualTypeOf<Field<number, true>>();
  return { id: key(record.id), file: line.sourceKey, line: line.number };
});

// A part of a key keeps the type of its field.
const twoPartKey = table(Reading, ({ id, at, site }) => ({ id: key(hashedUuid(id, at)), site: key(site), at }));
expectTypeOf<Row<typeof twoPartKey>>().toEqualTypeOf<{
  readonly id: Uuid;
  readonly site: string;
  readonly at: Timestamp;
}>();

// What is left of a record can be spread into columns.
const Flat = v.object({ id: uuid(), name: v.string(), size: v.nullable(v.number()) });
const spread = table(Flat, ({ id, ...rest }) => ({ id: key(id), ...rest }));
expectTypeOf<Row<typeof spread>>().toEqualTypeOf<{
  readonly id: Uuid;
  readonly name: string;
  readonly size: number | null;
}>();

// @ts-expect-error the contract has no field of this name.
table(Reading, ({ id, hight }) => ({ id: key(id), hight }));

// @ts-expect-error neither has an object inside it: the place has no "latitude".
table(Reading, ({ id, place }) => ({ id: key(id), lat: place.latitude }));

// @ts-expect-error a column holds one value; "place" is an object of several.
table(Reading, ({ id, place }) => ({ id: key(id), place }));

// @ts-expect-error a column holds one value; "tags" is a list.
table(Reading, ({ id, tags }) => ({ id: key(id), tags }));

// @ts-expect-error nor has a record a column for the length of a list.
table(Reading, ({ id, tags }) => ({ id: key(id), tags: tags.length }));

// @ts-expect-error a column's value comes from the record, not from the definition.
table(Reading, ({ id }) => ({ id: key(id), unit: 'C' }));

// @ts-expect-error what an object spreads must be values too: "place" and "tags" are among them.
table(Reading, ({ id, ...rest }) => ({ id: key(id), ...rest }));

// @ts-expect-error a key cannot be null, and "note" can be absent.
table(Reading, ({ note }) => ({ note: key(note) }));

// @ts-expect-error a key cannot be null, and all under "place" is absent where it is.
table(Reading, ({ place }) => ({ level: key(place.floor.level) }));

// @ts-expect-error a key is one value; "place" is an object.
table(Reading, ({ place }) => ({ place: key(place) }));

// @ts-expect-error an id hashed over nothing would be the same for every record.
table(Reading, () => ({ id: key(hashedUuid()) }));

// @ts-expect-error null has no text to hash.
table(Reading, ({ id, note }) => ({ id: key(hashedUuid(id, note)) }));

// @ts-expect-error a file's name is not of the record: the same record sent again would get another id.
table(Reading, ({ id }, line) => ({ id: key(hashedUuid(id, line.sourceKey)) }));
