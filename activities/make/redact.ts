/** Takes secrets out of what people read. */
export type Redact = (text: string) => string;

/** A shorter one would be found in every other word. */
const MIN_LENGTH = 4;

/** Every secret, as it is and as addresses and JSON write it, becomes `***`. The longest first: one may hold another. */
export function createRedact(secrets: Iterable<string>): Redact {
  const written = new Set(
    [...secrets].flatMap((secret) => [secret, encode(secret), JSON.stringify(secret).slice(1, -1)]),
  );
  const found = [...written].filter((text) => text.length >= MIN_LENGTH).sort((a, b) => b.length - a.length);
  return (text) => found.reduce((rest, secret) => rest.replaceAll(secret, '***'), text);
}

/** Half a character cannot be written in an address. */
function encode(secret: string): string {
  try {
    return encodeURIComponent(secret);
  } catch {
    return secret;
  }
}

/** The same for all texts of a value as JSON gives it, the names of fields among them. */
export function redactAll(redact: Redact, value: unknown): unknown {
  if (typeof value === 'string') return redact(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((element) => redactAll(redact, element));
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [redact(name), redactAll(redact, inner)]));
}
