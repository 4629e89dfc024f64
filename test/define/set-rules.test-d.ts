import * as v from 'valibot';
import { key, references, table, uuid } from '../../define/index.ts';

const Record = v.object({ id: v.string(), number: v.number(), parent: v.nullish(v.string()), other: uuid() });

const named = table(Record, ({ id, number }) => ({ id: key(id, 'all hours'), number }));
const perHour = table(Record, ({ id }) => ({ id: key(id) }));

export const good = table(Record, ({ id, parent }) => ({
  id: key(id, 'all hours'),
  parent: references(named, parent),
}));

table(Record, ({ id, number }) => ({
  id: key(id, 'all hours'),
  // @ts-expect-error a number points at an id that is text
  number: references(named, number),
}));

table(Record, ({ id, parent }) => ({
  id: key(id, 'all hours'),
  // @ts-expect-error the ids of that table are unique in each hour only
  parent: references(perHour, parent),
}));

// @ts-expect-error nothing else is said of a key
table(Record, ({ id }) => ({ id: key(id, 'all days') }));

// @ts-expect-error a key may not be absent
table(Record, ({ parent }) => ({ parent: key(parent, 'all hours') }));
