import { type Kysely, sql } from 'kysely';
import { type Migration, type MigrationProvider, Migrator } from 'kysely/migration';
import { fail, ok, type Result } from '../../core/index.ts';
import type { OpenedDatabase } from './database.ts';
import type { ColumnTypes } from './migrations/column-types.ts';
import { cursors } from './migrations/cursors.ts';
import { desk } from './migrations/desk.ts';
import { jobNumbers } from './migrations/job-numbers.ts';
import { jobs } from './migrations/jobs.ts';
import { lookUps } from './migrations/look-ups.ts';
import { losses } from './migrations/losses.ts';
import type { Tables } from './tables.ts';

/** The right type in each dialect. */
const columnTypes = {
  sqlite: { number: 'integer', bytes: 'blob', place: 'integer' },
  postgres: { number: 'bigint', bytes: 'bytea', place: 'bigserial' },
} as const satisfies Record<OpenedDatabase['kind'], ColumnTypes>;

/** Every change of the tables, in order. What was released is never changed: a change is a new entry. */
const changes: Readonly<Record<string, (types: ColumnTypes) => readonly string[]>> = Object.freeze({
  '0001-jobs': jobs,
  '0002-desk': desk,
  '0003-losses': losses,
  '0004-cursors': cursors,
  '0005-look-ups': lookUps,
  '0006-job-numbers': jobNumbers,
});

/** Where the database keeps what was done to it. */
const names = { table: 'inspan_migrations', lock: 'inspan_migrations_lock' };

/** Stands among the changes for the tables of pg-boss, which it keeps up to date itself. */
const bossChange = 'pg-boss';

/** Brings the tables up to date; gives the names of the changes made. Several may do it at once. */
export async function migrate(database: OpenedDatabase): Promise<Result<readonly string[]>> {
  return await told(() => database.alone(() => migrateAlone(database)));
}

async function migrateAlone(database: OpenedDatabase): Promise<Result<readonly string[]>> {
  const pending = await findPending(database);
  if (!pending.ok || pending.value.length === 0) return pending;
  const { error, results = [] } = await createMigrator(database).migrateToLatest();
  if (error !== undefined) {
    const failed = results.find(({ status }) => status === 'Error')?.migrationName;
    return fail(
      'storage-failed',
      `The tables cannot be brought up to date${about(failed)}: ${lineOf(error)}.`,
    );
  }
  const made = results.map(({ migrationName }) => migrationName);
  if (!pending.value.includes(bossChange)) return ok(made);
  const { installBoss } = await import('./queue/pg-boss.ts');
  await installBoss(database);
  return ok([...made, bossChange]);
}

/** Makes what brings the tables to any change: all that lies between is one transaction. */
export function createMigrator({ schema, kind }: OpenedDatabase): Migrator {
  return new Migrator({
    db: schema,
    provider: provide(kind),
    migrationTableName: names.table,
    migrationLockTableName: names.lock,
  });
}

function about(change: string | undefined): string {
  return change === undefined ? '' : ` ("${change}")`;
}

function lineOf(error: unknown): string {
  return error instanceof Error ? error.message.replace(/\.$/, '') : String(error);
}

/** Names of the changes that the tables still need; `wrong-config` where a newer Inspan has changed them. */
export async function pendingMigrations(database: OpenedDatabase): Promise<Result<readonly string[]>> {
  return await told(() => findPending(database));
}

/** A storage that fails at the start stops it with one line, as any other reason does. */
async function told<T>(work: () => Promise<Result<T>>): Promise<Result<T>> {
  try {
    return await work();
  } catch (error) {
    return fail('storage-failed', `The tables cannot be read or changed: ${lineOf(error)}.`);
  }
}

async function findPending(database: OpenedDatabase): Promise<Result<readonly string[]>> {
  const made = await migrationsMade(database);
  const newer = made.find((name) => !Object.hasOwn(changes, name));
  if (newer !== undefined) {
    return fail(
      'wrong-config',
      `The database was changed by a newer Inspan ("${newer}"). Use that version, or another database.`,
    );
  }
  const pending = Object.keys(changes).filter((name) => !made.includes(name));
  return ok((await needsBoss(database)) ? [...pending, bossChange] : pending);
}

async function needsBoss(database: OpenedDatabase): Promise<boolean> {
  if (database.kind === 'sqlite') return false;
  const { isBossReady } = await import('./queue/pg-boss.ts');
  return !(await isBossReady(database));
}

function provide(kind: OpenedDatabase['kind']): MigrationProvider {
  const types = columnTypes[kind];
  return {
    getMigrations: async () =>
      Object.fromEntries(Object.entries(changes).map(([name, change]) => [name, run(kind, change(types))])),
  };
}

function run(kind: OpenedDatabase['kind'], statements: readonly string[]): Migration {
  return {
    async up(database: Kysely<Tables>) {
      // A change of large tables takes longer than any other statement may.
      if (kind === 'postgres') await sql`set local statement_timeout = 0`.execute(database);
      for (const statement of statements) await sql.raw(statement).execute(database);
    },
  };
}

async function migrationsMade({ read }: OpenedDatabase): Promise<readonly string[]> {
  const tables = await read.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some(({ name }) => name === names.table)) return [];
  const { rows } = await sql<{
    name: string;
  }>`select name from ${sql.table(names.table)} order by name`.execute(read);
  return rows.map(({ name }) => name);
}
