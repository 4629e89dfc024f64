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
