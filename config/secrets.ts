/** A shorter one would be found in every other word. */
const MIN_LENGTH = 4;

const PREFIX = 'HOURLOOM_SECRET_';

/** What functions may ask for by `secret(name)`: each `HOURLOOM_SECRET_<name>` that is set to something. */
export function readSecrets(env: Readonly<Record<string, string | undefined>>): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(env).flatMap(([name, value]) =>
      name.startsWith(PREFIX) && value !== undefined && value !== '' ? [[name.slice(PREFIX.length), value]] : [],
    ),
  );
}

/** The values in the environment that no output may show: keys, secrets, webhooks and the password inside the warehouse's address. */
export function secretsOf(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  const { AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, TEMPORAL_API_KEY, DATABASE_URL = '' } = env;
  const password = URL.canParse(DATABASE_URL) ? new URL(DATABASE_URL).password : '';
  const webhooks = Object.keys(env).filter((name) => name.startsWith('HOURLOOM_WEBHOOK_URL'));
  return [
    AWS_SECRET_ACCESS_KEY,
    AWS_SESSION_TOKEN,
    TEMPORAL_API_KEY,
    password,
    decode(password) ?? '',
    ...[env['HOURLOOM_ERASURE_KEY'], env['HOURLOOM_ERASURE_KEY_OLD']].map((key) => key?.slice(key.indexOf(':') + 1)),
    ...readSecrets(env).values(),
    ...webhooks.map((name) => env[name]),
  ]
    .filter((secret) => secret !== undefined)
    .filter((secret) => secret.length >= MIN_LENGTH);
}

/** Undefined where the text has a `%` that stands for nothing. */
export function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
