import { describe, expect, test } from 'vitest';
import { keyIdentifier } from '../../record/erasure-key.ts';
import type { KeyedIdentifier } from '../../record/erasure-key.ts';
import { suppressFile } from '../../record/suppress-file.ts';
import { Suppression } from '../../record/suppression.ts';
import { ANNA, customerLine, orderLine, shopIn } from '../erase/shop.ts';
import { definitionOf } from '../hour/open-stack.ts';

const NEW = { id: 'k2', secret: 'another-secret-of-the-tests-with-length' };
const OLD = { id: 'k1', secret: 'a-secret-of-the-tests-with-some-length' };
const { spec } = definitionOf(shopIn('shop'));
const BOB = { ...ANNA, id: '12', name: 'Bob', email: 'bob@example.org' };
const byId = keyIdentifier(OLD, 'id', ANNA.id);
const byEmail = keyIdentifier(NEW, 'email', ANNA.email.toUpperCase());

const open = (...list: readonly KeyedIdentifier[]) => new Suppression(spec, [NEW, OLD], list);
const apply = (line: string, ...list: readonly KeyedIdentifier[]) => open(...list).apply(line, 'file')?.text;

describe('a line of a listed person', () => {
  test('changes in its marked values alone, byte for byte', () => {
    const line = orderLine('o1', ANNA).replace('"amount":10.25', '"amount" : 9007199254740993.10 , "amount":1e0');
    expect(apply(line, byId)).toMatch(
      /^\{"kind":"order","id":"o1","customer_id":"erased_[0-9a-f]{20}","amount" : 9007199254740993\.10 , "amount":1e0,"deliveries":\[\{"street":"erased_[0-9a-f]{20}","city":"Moscow"\}\]\}$/u,
    );
  });

  test('is known by its e-mail in capital letters too, and tells the id that is not listed yet', () => {
    const found = open(byEmail).apply(customerLine(ANNA), 'file');
    expect(found?.learned).toEqual([keyIdentifier(NEW, 'id', ANNA.id)]);
    expect(open(byEmail, byId).apply(customerLine(ANNA), 'file')?.learned).toEqual([]);
  });

  test('gives the same pseudonym for the same id, whichever table it is in', () => {
    const [id] = /erased_[0-9a-f]{20}(?=","name)/u.exec(apply(customerLine(ANNA), byId) ?? '') ?? [];
    expect(apply(orderLine('o1', ANNA), byId)).toContain(`"customer_id":"${id}"`);
  });

  test('is nobody’s once it is changed', () => {
    expect(apply(apply(customerLine(ANNA), byId, byEmail) ?? '', byId, byEmail)).toBeUndefined();
  });

  test('is found by a number where an id should be a text, and stays the misfit that it was', () => {
    const id = keyIdentifier(OLD, 'id', '4711');
    const line = orderLine('o1', ANNA).replace('"04711"', '4711');
    expect(JSON.parse(apply(line, id) ?? '{}')).toMatchObject({ customer_id: expect.any(Number) });
    expect(apply(line, id)).not.toContain('4711');
  });

  test.for([
    ['is cut off', customerLine(ANNA).slice(0, 60)],
    ['is a row of cells', JSON.stringify(['x', ANNA.email])],
    ['is no JSON', `customer_id=${ANNA.id}; whatever`],
  ])('is replaced whole where it %s', ([, line]) => {
    expect(apply(line ?? '', byId, byEmail)).toBe('erased');
  });
});

describe('an e-mail in a column without a mark', () => {
  test('is changed alone, for the record is another’s, and no id comes to light by it', () => {
    const address = { street: BOB.street, postcode: BOB.postcode, city: ANNA.email };
    const line = customerLine(BOB, { address });
    const found = open(byEmail).apply(line, 'file');
    expect(found?.learned).toEqual([]);
    expect(JSON.parse(found?.text ?? '{}')).toEqual({
      ...JSON.parse(line),
      address: { ...address, city: expect.stringMatching(/^erased_[0-9a-f]{20}@erased\.invalid$/u) },
    });
    expect(apply(found?.text ?? '', byEmail)).toBeUndefined();
  });

  test('is hers where the definition knows no such field, for it may be her own, spelled wrong', () => {
    const { email: _, ...unnamed } = JSON.parse(customerLine(ANNA, { mail: ANNA.email })) as Record<string, unknown>;
    expect(apply(JSON.stringify(unnamed), byEmail)).not.toContain(ANNA.name);
  });
});

describe('an e-mail among other words', () => {
  const note = (text: string): string => orderLine('o1', BOB, { note: text });

  test('is changed alone, for the record is another’s', () => {
    const line = note(`ask\n${ANNA.email}, or mailto:${ANNA.email.toUpperCase()}, not ${BOB.email}.`);
    const found = open(byEmail).apply(line, 'file');
    const { note: text } = JSON.parse(found?.text ?? '{}') as { note: string };
    const [other] = /erased_[0-9a-f]{20}@erased\.invalid/u.exec(text) ?? [];
    expect(text).toBe(`ask\n${other}, or mailto:${other}, not ${BOB.email}.`);
    expect(found).toEqual({ text: note(text), learned: [] });
    expect(apply(found?.text ?? '', byEmail)).toBeUndefined();
  });

  test('is changed in a record of hers, whoever’s it is', () => {
    const line = orderLine('o1', ANNA, { note: `or ${BOB.email}` });
    expect(apply(line, byId)).not.toContain(BOB.email);
  });

  test.for([`x=${ANNA.email}&y=1`, `'${ANNA.email}'`, `<${ANNA.email}>`, `${ANNA.email}…`, `a@b ${ANNA.email}`])(
    'is found in %s',
    (text) => {
      expect((apply(note(text), byEmail) ?? ANNA.email).toLowerCase()).not.toContain(ANNA.email.toLowerCase());
    },
  );

  test.for([`not-${ANNA.email}`, `${ANNA.email}.uk`, `${ANNA.email}s`])('is another’s in "%s"', (text) => {
    expect(apply(note(`ask ${text} soon`), byEmail)).toBeUndefined();
  });

  test('is found in rows, in their JSON too, and in lines that are cut off after a line’s end', () => {
    const list = open(byEmail);
    expect(list.isPersons([], [`ask ${ANNA.email}`])).toBe(true);
    expect(list.isPersons([], [JSON.stringify({ note: `ask\n${ANNA.email}` })])).toBe(true);
    expect(list.isPersons([], [JSON.stringify({ note: `ask\n${BOB.email}` })])).toBe(false);
    expect(apply(note(`ask\n${ANNA.email} x`).slice(0, -3), byEmail)).toBe('erased');
  });

  test('costs what its length costs where a text has many signs of one and none', () => {
    const text = '@'.repeat(200_000) + 'a'.repeat(200_000);
    expect(apply(note(text), byEmail)).toBeUndefined();
  });
});

describe('what a record repeats of a person', () => {
  test('goes with the text that it is in, where that has the id or e-mail among other words', () => {
    const line = customerLine(ANNA, { log: [`was ${ANNA.email.toUpperCase()}, moved`, customerLine(ANNA)] });
    expect(JSON.parse(apply(line, byId) ?? '{}')).toMatchObject({
      log: [expect.stringMatching(/^erased_[0-9a-f]{20}$/u), expect.stringMatching(/^erased_[0-9a-f]{20}$/u)],
    });
    expect(JSON.parse(apply(customerLine(ANNA, { seen: `x${ANNA.id}` }), byId) ?? '{}')).toMatchObject({
      seen: `x${ANNA.id}`,
    });
  });

  test('goes where a text stands in the place of an object that would hold it', () => {
    const line = customerLine(ANNA, { address: [ANNA.street, ANNA.postcode] });
    expect(apply(line, byId)).not.toContain(ANNA.postcode);
    expect(apply(line, byId)).not.toContain(JSON.stringify(ANNA.street).slice(1, -1));
  });

  test('goes from a text in the record of somebody else, which stays as it is otherwise', () => {
    const line = customerLine(BOB, { note: `sister of ${ANNA.email}` });
    const erased = apply(line, byEmail) ?? '';
    expect(JSON.parse(erased)).toEqual({
      ...JSON.parse(line),
      note: expect.stringMatching(/^sister of erased_[0-9a-f]{20}@erased\.invalid$/u),
    });
    expect(apply(erased, byEmail)).toBeUndefined();
  });
});

test('lines of others stay, also where another field has her id as its value', () => {
  expect(apply(customerLine(BOB), byId, byEmail)).toBeUndefined();
  expect(apply(orderLine(ANNA.id, BOB), byId, byEmail)).toBeUndefined();
});

test('a file keeps its lines where they are, however it is cut into pieces', async () => {
  const lines = [customerLine(BOB), '', customerLine(ANNA), `\r`, orderLine('ü', ANNA), orderLine('o', BOB)];
  const content = Buffer.from(lines.join('\n'));
  const whole = await suppressInPieces(content, content.length);
  expect(whole.split('\n').map((line, at) => line === lines[at])).toEqual([true, true, false, true, false, true]);
  for (const size of [1, 7, 100]) expect(await suppressInPieces(content, size)).toBe(whole);
});

test('a file that is one JSON array keeps its shape', async () => {
  const content = Buffer.from(` [${customerLine(BOB)} ,\n${customerLine(ANNA)}]\n`);
  const text = await suppressInPieces(content, 50);
  expect(text.startsWith(` [${customerLine(BOB)} ,\n{"kind":"customer","id":"erased_`)).toBe(true);
  expect(JSON.parse(text)).toHaveLength(2);
});

async function suppressInPieces(content: Buffer, size: number): Promise<string> {
  async function* pieces() {
    for (let at = 0; at < content.length; at += size) yield content.subarray(at, at + size);
  }
  const options = { suppression: open(byId, byEmail), source: 'file', arrays: true, tally: { lines: 0, learned: [] } };
  const chunks = [];
  for await (const chunk of suppressFile(pieces(), options)) chunks.push(chunk);
  expect(options.tally.lines).toBe(content.toString().split(ANNA.id).length - 1);
  return Buffer.concat(chunks).toString();
}
