import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TerminalError } from '../model/terminal-error.ts';
import { sha256Hex } from '../record/sha256-hex.ts';

/** One numbered step of the schema, as its two files say it. */
export interface Migration {
  readonly number: number;
  /** `0002_materialization` */
  readonly name: string;
  readonly up: string;
  readonly down: string;
  /** sha256 of `up`, so that a file which was edited after it had landed is noticed. */
  readonly digest: string;
}

/** The migrations and the database do not belong together; nothing was changed. A person must decide which one is right. */
export class MigrationError extends TerminalError {
  constructor(message: string) {
    super(message);
    this.name = 'MigrationError';
  }
}

const UP_FILE = /^(?<name>(?<number>\d{4})_[a-z0-9_]+)\.sql$/u;

/** All migrations of a folder in their order: `0001_fence.sql` with its way back `0001_fence.down.sql`, and so on. */
export async function readMigrations(folder: string): Promise<readonly Migration[]> {
  const files = new Set(await readdir(folder));
  const names = [...files].map((file) => UP_FILE.exec(file)?.groups).filter((groups) => groups !== undefined);
  const migrations = names.map(async ({ name = '', number }): Promise<Migration> => {
    if (!files.has(`${name}.down.sql`)) {
      throw new MigrationError(`Migration ${name} has no way back. Write ${name}.down.sql beside it.`);
    }
    const up = await readFile(join(folder, `${name}.sql`), 'utf8');
    const down = await readFile(join(folder, `${name}.down.sql`), 'utf8');
    return { number: Number(number), name, up, down, digest: sha256Hex(up) };
  });
  const ordered = (await Promise.all(migrations)).toSorted((a, b) => a.number - b.number);
  ordered.forEach(({ number, name }, index) => {
    if (number !== index + 1) {
      throw new MigrationError(
        `Migration ${name} should have the number ${index + 1}: numbers begin at 1 and leave none out.`,
      );
    }
  });
  return ordered;
}
