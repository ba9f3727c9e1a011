import { hostname } from 'node:os';
import { pid } from 'node:process';
import { failure, InspanError, type Result, type Store } from './core/index.ts';
import type { House } from './house.ts';
import {
  backupSqlite,
  migratePostgres,
  migrateSqlite,
  openPostgresStore,
  openSqliteStore,
  restoreSqlite,
} from './store/index.ts';

/** Which store to open. */
export interface StoreOptions {
  /** The path of an SQLite file, or `postgres://…`. */
  readonly database: string;
  /** False: fails where the tables are not up to date, instead of changing them. Default: true. */
  readonly migrate?: boolean;
}

/** A change of tables to make. */
export interface MigrateOptions {
  readonly database: string;
  /** Only gives the names of the changes there are to make. */
  readonly dryRun?: boolean;
}

/** Brings the tables up to date and gives the names of the changes made. */
export async function migrateStore(
  { clock }: House,
  { database, dryRun = false }: MigrateOptions,
): Promise<readonly string[]> {
  return unwrap(
    await (isPostgres(database)
      ? migratePostgres(database, { clock, dryRun })
      : migrateSqlite(database, { clock, dryRun, owner: thisProcess() })),
  );
}

/** A copy to make of a database file. */
export interface BackupOptions {
  readonly database: string;
  readonly to: string;
}

/** Keeps a whole copy of a database file, also while it is in use. */
export async function backupStore({ database, to }: BackupOptions): Promise<void> {
  unwrap(await backupSqlite(fileOnly(database, 'pg_dump'), to));
}

/** A copy to go back to. */
export interface RestoreOptions {
  readonly from: string;
  readonly database: string;
  /** True: a database file that is there already goes. */
  readonly replace?: boolean;
}

/** Makes a copy the store in a file that nobody uses. */
export async function restoreStore(
  { clock }: House,
  { from, database, replace = false }: RestoreOptions,
): Promise<void> {
  const file = fileOnly(database, 'pg_restore');
  unwrap(await restoreSqlite(from, file, { clock, owner: thisProcess(), replace }));
}

function fileOnly(database: string, tool: string): string {
  if (!isPostgres(database)) return database;
  const message = `This copies database files. A Postgres database is copied with ${tool}.`;
  throw new InspanError([failure('wrong-input', message)]);
}

/** Says whether an address is one of Postgres; else it is the path of a file. */
export function isPostgres(database: string): boolean {
  return /^postgres(ql)?:/.test(database);
}

/** Opens what jobs are kept in, by its address. */
export async function openStore(
  { clock }: House,
  { database, migrate = true }: StoreOptions,
): Promise<Result<Store>> {
  return isPostgres(database)
    ? await openPostgresStore(database, { clock, migrate })
    : await openSqliteStore(database, { clock, migrate, owner: thisProcess() });
}

function thisProcess() {
  return { processId: pid, host: hostname() };
}

/** Gives a value, or rejects with what went wrong. */
export function unwrap<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new InspanError([result.failure]);
}
