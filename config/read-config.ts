import * as v from 'valibot';
import { parseBase } from '../define/parse-base.ts';
import { ConfigurationError } from './errors.ts';
import { readErasureKeys } from './erasure-keys.ts';
import type { ErasureKeyConfig } from './erasure-keys.ts';
import { decode, readSecrets } from './secrets.ts';

const text = v.optional(v.string());

/** `host` or `host:port`; brackets around an IPv6 address. */
const HOST_AND_PORT = /^(?:\[[0-9A-Fa-f:]+\]|[^\s:/@[\]]+)(?::\d{1,5})?$/u;

/** What S3 takes as a bucket's name. */
const BUCKET = /^[a-z0-9](?:[a-z0-9]|[.-](?![.-])){1,61}[a-z0-9]$/u;

const Environment = v.object({
  DATABASE_URL: text,
  HOURLOOM_READ_URL: text,
  TEMPORAL_ADDRESS: v.optional(
    v.pipe(v.string(), v.regex(HOST_AND_PORT, 'TEMPORAL_ADDRESS is no address. Write it as host:port.')),
  ),
  AWS_ENDPOINT_URL_S3: text,
  AWS_REGION: text,
  AWS_ACCESS_KEY_ID: text,
  AWS_SECRET_ACCESS_KEY: text,
  AWS_SESSION_TOKEN: text,
  HOURLOOM_LAKE_BUCKET: v.optional(
    v.pipe(
      v.string(),
      v.regex(BUCKET, 'HOURLOOM_LAKE_BUCKET is no bucket name: 3 to 63 small letters, digits and hyphens.'),
    ),
    'hourloom-lake',
  ),
  HOURLOOM_TASK_QUEUE: v.optional(v.string(), 'hourloom'),
  HOURLOOM_ASSETS: text,
  HOURLOOM_FOLDER: v.optional(v.string(), '.hourloom'),
  HOURLOOM_SCHEDULES: v.optional(v.picklist(['on', 'off'], 'HOURLOOM_SCHEDULES is "on" or "off".'), 'on'),
  HOURLOOM_WEBHOOK_URL: text,
  HOURLOOM_ERASURE_KEY: text,
  HOURLOOM_ERASURE_KEY_OLD: text,
  HOURLOOM_LOG_LEVEL: v.optional(
    v.picklist(['debug', 'info', 'warn', 'error'], 'HOURLOOM_LOG_LEVEL is debug, info, warn or error.'),
    'info',
  ),
});

/** Where S3 is and who we are there; what is undefined is left to the AWS SDK's own search. */
export interface S3Config {
  readonly endpoint: string | undefined;
  readonly region: string;
  readonly credentials:
    | { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string }
    | undefined;
}

/** Where changes of health are told. These addresses are secrets: whoever has one can write there. */
export interface WebhookConfig {
  /** For all assets that no other is named for; undefined: these are told to nobody. */
  readonly url: string | undefined;
  /** By the first part of an asset's key: the pipeline's name. */
  readonly byPipeline: ReadonlyMap<string, string>;
}

/** All that the environment says. Addresses that are undefined belong to the machine under `folder`. */
export interface Config {
  readonly databaseUrl: string | undefined;
  /** The warehouse by a user who can only read: for the API and for `query`. */
  readonly readUrl: string | undefined;
  readonly temporalAddress: string | undefined;
  readonly s3: S3Config;
  readonly lakeBucket: string;
  readonly taskQueue: string;
  /** The module whose exports are the definitions; undefined means the project's own `assets/`. */
  readonly assets: string | undefined;
  /** Where the machine of this project keeps its data. */
  readonly folder: string;
  /** Whether a worker creates and resumes schedules when it starts. */
  readonly schedules: boolean;
  /** Where the documents of a pipeline are in this place, by the pipeline's name. */
  readonly sources: ReadonlyMap<string, string>;
  readonly webhook: WebhookConfig;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
  /** What functions may ask for: the value of `HOURLOOM_SECRET_<name>`, by name. */
  readonly secrets: ReadonlyMap<string, string>;
  /** By which persons are erased: the one for new requests first. Empty where none is set. */
  readonly erasureKeys: readonly ErasureKeyConfig[];
}

/**
 * Reads the environment once, at start; nothing else touches it. Temporal's own settings (namespace, keys, TLS) are
 * read by `@temporalio/envconfig`. Throws a `ConfigurationError` that names each bad variable and never its value.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  // A variable that is set to nothing counts as not set, as shells and compose files leave them.
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value.trim() !== ''),
  );
  const parsed = v.safeParse(Environment, given);
  if (!parsed.success)
    throw new ConfigurationError(`Bad environment: ${parsed.issues.map((issue) => issue.message).join(' ')}`);
  const {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
    ...rest
  } = parsed.output;
  if ((accessKeyId === undefined) !== (secretAccessKey === undefined)) {
    throw new ConfigurationError('Bad environment: set both AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or neither.');
  }
  return {
    databaseUrl: checkUrl('DATABASE_URL', rest.DATABASE_URL, ['postgres:', 'postgresql:']),
    readUrl: checkUrl('HOURLOOM_READ_URL', rest.HOURLOOM_READ_URL, ['postgres:', 'postgresql:']),
    temporalAddress: rest.TEMPORAL_ADDRESS,
    s3: {
      endpoint: checkUrl('AWS_ENDPOINT_URL_S3', rest.AWS_ENDPOINT_URL_S3, ['http:', 'https:']),
      region: rest.AWS_REGION ?? 'us-east-1',
      credentials:
        accessKeyId !== undefined && secretAccessKey !== undefined
          ? { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) }
          : undefined,
    },
    lakeBucket: rest.HOURLOOM_LAKE_BUCKET,
    taskQueue: rest.HOURLOOM_TASK_QUEUE,
    assets: rest.HOURLOOM_ASSETS,
    folder: rest.HOURLOOM_FOLDER,
    schedules: rest.HOURLOOM_SCHEDULES === 'on',
    sources: readSources(given),
    webhook: readWebhooks(given),
    logLevel: rest.HOURLOOM_LOG_LEVEL,
    secrets: readSecrets(env),
    erasureKeys: readErasureKeys(given),
  };
}

/** `HOURLOOM_SOURCE_WEATHER_REPORTS` is about the pipeline `weather_reports`. */
function readSources(given: Readonly<Record<string, string | undefined>>): ReadonlyMap<string, string> {
  const sources = Object.entries(given).flatMap(([name, value]): [string, string][] => {
    if (!name.startsWith(SOURCE_PREFIX) || value === undefined) return [];
    const base = parseBase(value);
    if (base !== undefined) return [[name.slice(SOURCE_PREFIX.length).toLowerCase(), base]];
    throw new ConfigurationError(
      `Bad environment: ${name} is no base. Write it as https://example.org/folder, without query, user or password.`,
    );
  });
  return new Map(sources);
}

const SOURCE_PREFIX = 'HOURLOOM_SOURCE_';

const WEBHOOK = 'HOURLOOM_WEBHOOK_URL';

/** `HOURLOOM_WEBHOOK_URL`, and one for each pipeline that has its own: `HOURLOOM_WEBHOOK_URL_DOOR2DOOR`. */
function readWebhooks(given: Readonly<Record<string, string | undefined>>): WebhookConfig {
  const read = (name: string): string | undefined => {
    const url = checkUrl(name, given[name], ['http:', 'https:']);
    if (url === undefined || new URL(url).username === '') return url;
    throw new ConfigurationError(
      `Bad environment: ${name} holds a user, which is not sent. Use an address that is secret by its path.`,
    );
  };
  const own = Object.keys(given).filter((name) => name.startsWith(`${WEBHOOK}_`));
  return {
    url: read(WEBHOOK),
    byPipeline: new Map(own.map((name) => [name.slice(WEBHOOK.length + 1).toLowerCase(), read(name) ?? ''])),
  };
}

function checkUrl(name: string, value: string | undefined, protocols: readonly string[]): string | undefined {
  if (value === undefined) return undefined;
  if (URL.canParse(value) && protocols.includes(new URL(value).protocol) && decode(value) !== undefined) return value;
  throw new ConfigurationError(
    `Bad environment: ${name} is no address. It begins with ${protocols.map((p) => `${p}//`).join(' or ')}.`,
  );
}
