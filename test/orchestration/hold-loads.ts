import postgres from 'postgres';
import type { Stack } from '../hour/open-stack.ts';

/** Hours stop before their rows go in, until they are let go. */
export interface HeldLoads {
  release(): Promise<void>;
}

/** Locks a table as somebody's long transaction would. */
export async function holdLoads({ databaseUrl }: Stack, schema: string, table: string): Promise<HeldLoads> {
  const sql = postgres(databaseUrl, { max: 1 });
  const connection = await sql.reserve();
  await connection`begin`;
  await connection`lock table ${sql(schema)}.${sql(table)} in exclusive mode`;
  return {
    async release() {
      await connection`rollback`;
      connection.release();
      await sql.end();
    },
  };
}
