import type { MigrationState } from '../../warehouse/migrate.ts';
import type { Command } from '../command.ts';
import { UsageError } from '../errors.ts';
import { formatTable } from '../format-table.ts';
import { openMachine } from '../open-machine.ts';

export interface MigrateOptions {
  readonly direction: string;
  readonly to?: string;
}

/** Brings the warehouse's own tables up or down, or says where they stand. */
export const migrate: Command<MigrateOptions> = async (context, { direction, to }) => {
  if (direction !== 'up' && direction !== 'down' && direction !== 'status') {
    throw new UsageError(`migrate goes "up", "down" or shows "status"; "${direction}" is none of them.`);
  }
  if ((direction === 'down') !== (to !== undefined)) {
    throw new UsageError(
      'Say how far down: hourloom migrate down --to 3 keeps migrations 1 to 3; --to belongs to down only.',
    );
  }
  if (to !== undefined && !/^\d+$/u.test(to))
    throw new UsageError(`--to "${to}" is no migration's number. 0 takes all of them back.`);

  await using machine = openMachine(context);
  const { MIGRATIONS_FOLDER, migrateDown, migrateUp, migrationStatus } = await import('../../warehouse/migrate.ts');
  await using warehouse = await machine.openWarehouse();
  if (direction === 'up') await migrateUp(warehouse, MIGRATIONS_FOLDER);
  if (direction === 'down') {
    assertKnown(Number(to), await migrationStatus(warehouse, MIGRATIONS_FOLDER));
    await migrateDown(warehouse, MIGRATIONS_FOLDER, Number(to));
  }
  const migrations = await migrationStatus(warehouse, MIGRATIONS_FOLDER);
  context.output.result({ migrations: migrations.map(describeMigration) }, writeMigrations(migrations));
};

function assertKnown(to: number, migrations: readonly MigrationState[]): void {
  if (to <= migrations.length) return;
  throw new UsageError(
    `There is no migration ${to}. The highest is ${migrations.at(-1)?.name ?? 'none'}; 0 takes all of them back.`,
  );
}

function describeMigration(migration: MigrationState): object {
  const { number, name, state } = migration;
  return { number, name, state, appliedAt: state === 'applied' ? new Date(migration.appliedAt).toISOString() : null };
}

function writeMigrations(migrations: readonly MigrationState[]): string {
  return formatTable([
    ['migration', 'state', 'applied'],
    ...migrations.map((migration) => [
      migration.name,
      migration.state,
      migration.state === 'applied' ? new Date(migration.appliedAt).toISOString() : null,
    ]),
  ]);
}
