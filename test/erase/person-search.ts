/** Somebody to be looked for, and what only this person has. */
export interface SoughtPerson {
  readonly id: string;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  /** Phone numbers and addresses, of deliveries too, whole and line by line. */
  readonly whereabouts: readonly string[];
}

/** What is searched: where it is, and all of its bytes, unpacked. */
export interface Searched {
  readonly where: string;
  readonly bytes: Buffer;
}

/** So far apart names, phone numbers and addresses of one record stand at most. */
const RECORD_LENGTH = 400;
/** What is shown of a find. */
const SHOWN_LENGTH = 60;

/**
 * Looks for persons in whatever bytes there are: by e-mail, by id where it is a whole value, by what nobody else has, and
 * by names beside an address or phone number. Each in capital letters or not, as JSON writes it, once or twice over, as
 * addresses of the web do, in hex, and in base64 wherever it begins. `others` is what everybody else is told of by: what
 * stands there too is the person's only beside the names.
 */
export function createPersonSearch(
  persons: readonly SoughtPerson[],
  others: string,
): (searched: Searched) => readonly string[] {
  const plain: string[] = [];
  const encoded: string[] = [];
  for (const { id, email, whereabouts } of persons) {
    const own = [email, ...whereabouts.filter((text) => !others.includes(JSON.stringify(text).slice(1, -1)))];
    plain.push(`(?<![\\w.-])${escapePattern(id)}(?![\\w.-])`);
    plain.push(...own.flatMap(spell).map(escapePattern));
    plain.push(...own.map((text) => Buffer.from(text).toString('hex')));
    encoded.push(...[`"${id}"`, ...own, ...own.map((text) => text.toLowerCase())].flatMap(encodeBase64));
  }
  const patterns = [
    new RegExp([...new Set(plain)].join('|'), 'giu'),
    new RegExp([...new Set(encoded)].map(escapePattern).join('|'), 'gu'),
  ];
  return ({ where, bytes }) => {
    const text = bytes.toString('latin1');
    const finds = patterns.flatMap((pattern) => [...text.matchAll(pattern)].map(([found]) => found));
    const named = persons.filter((person) => isNamed(text, person)).map(({ lastName }) => `${lastName} and address`);
    return [...new Set([...finds, ...named])].map((found) => `${where}: ${found.slice(0, SHOWN_LENGTH)}`);
  };
}

/** Whether both names stand beside one of the person's addresses or phone numbers. */
function isNamed(text: string, { firstName, lastName, whereabouts }: SoughtPerson): boolean {
  const spelled = whereabouts.flatMap(spell);
  for (let at = text.indexOf(lastName); at >= 0; at = text.indexOf(lastName, at + 1)) {
    const around = text.slice(Math.max(0, at - RECORD_LENGTH), at + RECORD_LENGTH);
    if (around.includes(firstName) && spelled.some((each) => around.includes(each))) return true;
  }
  return false;
}

/** A text as it may stand among bytes that are read as Latin 1. */
function spell(text: string): readonly string[] {
  const once = JSON.stringify(text).slice(1, -1);
  const twice = JSON.stringify(once).slice(1, -1);
  return [...new Set([text, once, twice, encodeURIComponent(text)])].map((each) =>
    Buffer.from(each).toString('latin1'),
  );
}

/** The characters that only this text can have brought, for each of the three places where it can begin. */
function encodeBase64(text: string): readonly string[] {
  return [0, 1, 2].map((offset) => {
    const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(text)]);
    const whole = bytes.toString('base64').replace(/=+$/u, '');
    const end = bytes.length % 3 === 0 ? whole.length : whole.length - 1;
    return whole.slice(offset === 0 ? 0 : offset + 1, end);
  });
}

function escapePattern(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/gu, '\\$&');
}
