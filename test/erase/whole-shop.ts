import { gzipSync } from 'node:zlib';
import { sampleShop } from '../../assets/retail/sample.ts';
import type { Instant } from '../../model/window.ts';
import type { SourceFile } from '../ruling/publish-hour.ts';
import { hasRetailFiles, isForTable, readRetailHours } from '../ruling/retail-files.ts';
import type { SoughtPerson } from './person-search.ts';
import { unpackFile } from './unpack-file.ts';

const HOUR_MS = 3_600_000;
const FIRST = Date.parse('2020-01-01T00:00:00Z');
/** None of the shop's files are of this hour or a later one. */
const LAST = Date.parse('2020-01-26T00:00:00Z');

/** A shop's files and two people in them who are to be erased. */
export interface WholeShop {
  readonly title: string;
  readonly hours: ReadonlyMap<Instant, readonly SourceFile[]>;
  readonly persons: readonly [SoughtPerson, SoughtPerson];
  /** What the files say of everybody else. */
  readonly others: string;
  /** What was counted independently; undefined where the files are generated. */
  readonly known: object | undefined;
}

/** The real shop where its files are at hand, else two days from the project's own generator. */
export async function readWholeShop(): Promise<WholeShop> {
  const hours = hasRetailFiles ? await readRetailHours() : generateHours();
  const ids = hasRetailFiles ? ['494878', '536860'] : GENERATED_IDS;
  const lines = [...hours.values()].flatMap((files) => files.filter(isForTable).flatMap(readLines));
  const isTheirs = (line: string): boolean => ids.some((id) => line.includes(`"${id}"`));
  const theirs = lines.filter(isTheirs).map((line) => JSON.parse(line) as TheirRecord);
  const [first, second] = ids.map((id) => describePerson(id, theirs));
  return {
    title: hasRetailFiles ? 'the two known customers of the real shop' : 'two customers of a generated shop',
    hours,
    persons: [first!, second!],
    others: lines.filter((line) => !isTheirs(line)).join('\n'),
    known: hasRetailFiles ? KNOWN_ANSWERS : undefined,
  };
}

const KNOWN_ANSWERS = {
  ...{ customers: 762, products: 2_453, transactions: 7_738 },
  held: { 'retail/customers': 15, 'retail/products': 15, 'retail/transactions': 316 },
  ...{ revenue: '898550.80', firstDay: 309, firstDayRevenue: '37845.53' },
  ...{ addresses: 7_738, purchasesTotal: '898550.80' },
};

/**
 * An hour after all others in which both come once more, with all that can be wrong: told otherwise under the same id, in
 * capital letters, without a name, as a text within a record, cut off, as no record at all, with sales of what is not sold and that do not add up.
 */
export function spoiledHour(persons: readonly SoughtPerson[]): readonly [Instant, readonly SourceFile[]] {
  const folder = `date=${new Date(LAST).toISOString().slice(0, 10)}/hour=00`;
  const customers = persons.flatMap((person, nth) => {
    const customer = { ...customerOf(person), last_change: '2020-01-26' };
    const line = JSON.stringify(customer);
    return [
      line,
      JSON.stringify({ ...customer, email: person.email.toUpperCase(), segment: 'sports', nick: person.lastName }),
      JSON.stringify({ ...customer, last_name: null }),
      JSON.stringify({ ...customer, twice: [line] }),
      // Known by the e-mail alone, which only the second is asked for by.
      ...(nth === 0 ? [] : [JSON.stringify({ ...customer, id: 7 })]),
      line.slice(0, -20),
      `customer ${person.id} asked: ${person.email}`,
    ];
  });
  const sales = persons.flatMap((person, nth) => {
    const sale = saleOf(person, `00000000-0000-4000-8000-00000000000${nth}`);
    return [
      JSON.stringify(sale),
      JSON.stringify({ ...sale, transaction_id: `1${sale.transaction_id.slice(1)}`, purchases: { products: [] } }),
      JSON.stringify({ ...sale, delivery_address: person.whereabouts }),
    ];
  });
  const cutOff = gzipSync(customers.join('\n')).subarray(0, -12);
  return [
    LAST,
    [
      { key: `${folder}/customers.json`, body: customers.join('\n') },
      { key: `${folder}/customers.json.gz`, body: cutOff },
      { key: `${folder}/transactions.json`, body: sales.join('\n') },
    ],
  ];
}

function customerOf({ id, email, firstName, lastName, whereabouts }: SoughtPerson) {
  return { id, first_name: firstName, last_name: lastName, email, address: whereabouts[0], city: 'Leeds' };
}

function saleOf({ id, whereabouts }: SoughtPerson, transactionId: string) {
  return {
    transaction_id: transactionId,
    transaction_time: '2020-01-26T00:10:00',
    customer_id: id,
    delivery_address: { address: whereabouts[0], city: 'Leeds' },
    purchases: { products: [{ sku: -1, quanitity: 1, price: '1.00', total: '1.00' }], total_cost: '1.00' },
  };
}

interface TheirRecord {
  readonly id?: string;
  readonly customer_id?: string;
  readonly first_name?: string | null;
  readonly last_name?: string | null;
  readonly email?: string;
  readonly phone_number?: string | null;
  readonly address?: string | null;
  readonly delivery_address?: { readonly address?: string | null } | null;
}

function describePerson(id: string, records: readonly TheirRecord[]): SoughtPerson {
  const own = records.filter((record) => record.id === id || record.customer_id === id);
  const customer = own.find((record) => record.id === id);
  const { email, first_name: firstName, last_name: lastName } = customer ?? {};
  if (!email || !firstName || !lastName) throw new Error(`The files do not tell who ${id} is.`);
  const texts = own.flatMap((record) => [record.address, record.phone_number, record.delivery_address?.address]);
  const whole = [...new Set(texts)].filter((text): text is string => typeof text === 'string' && text !== '');
  // A line of an address, where it is more than the number of a flat.
  const lines = whole.flatMap((text) => text.split('\n')).filter((line) => line.length > 8);
  return { id, email, firstName, lastName, whereabouts: [...new Set([...whole, ...lines])] };
}

function readLines(file: SourceFile): readonly string[] {
  return unpackFile(file)
    .split('\n')
    .filter((line) => line !== '');
}

const GENERATED_HOURS = 48;
/** They come in the first and the tenth hour of the year 2020, and buy in the hours around. */
const GENERATED_IDS = [0, 9].map((hour) => String(((FIRST / HOUR_MS + hour) * 3 + 1) % 1_000_000).padStart(6, '0'));

/** The generator's files, but with two of its customers, who all look alike, told apart. */
function generateHours(): ReadonlyMap<Instant, readonly SourceFile[]> {
  const starts = Array.from({ length: GENERATED_HOURS }, (_, index) => FIRST + index * HOUR_MS);
  return new Map(
    starts.map((start) => [
      start,
      sampleShop({ start, end: start + HOUR_MS }).map(({ key, body }) => ({
        key,
        body: tellApart(unpackFile({ key, body: Buffer.from(body) })),
      })),
    ]),
  );
}

function tellApart(body: string): string {
  const change = (line: string): string => {
    const record = JSON.parse(line) as TheirRecord;
    const nth = GENERATED_IDS.indexOf(record.id ?? record.customer_id ?? '');
    if (nth < 0) return line;
    const own = { first_name: ['Zelda', 'Quentin'][nth], last_name: ['Quillfeather', 'Featherquill'][nth] };
    const address = `Flat ${nth}\n${nth + 80} Nightingale Row`;
    const told = record.id === undefined ? { delivery_address: { address } } : { ...own, address };
    return JSON.stringify({ ...record, ...told });
  };
  return body
    .split('\n')
    .map((line) => (line === '' ? line : change(line)))
    .join('\n');
}
