import { fail, ok, type Queue, type Result, StorageError, type Store } from '../../core/index.ts';
import type { OpenedDatabase, SqlTransaction } from './database.ts';
import type { PostgresOptions } from './postgres/open-postgres-database.ts';
import { tellStorage } from './postgres/postgres-error.ts';
import type { RestoreOptions } from './sqlite/backup.ts';
import type { SqliteOptions } from './sqlite/open-sqlite-database.ts';

/** How a store is opened, whatever it is kept in. */
export interface OpenOptions {
  /** False: fails where the tables are not up to date, instead of changing them. Default: true. */
  readonly migrate?: boolean;
}

/** Opens the store in a file, which one process at a time may use. Drivers are loaded only now. */
export async function openSqliteStore(
  path: string,
  options: SqliteOptions & OpenOptions,
): Promise<Result<Store>> {
  const opened = await openSqlite(path, options);
  if (!opened.ok) return opened;
  return await prepared(opened.value, options, async (database) => {
    const { createSqliteQueue } = await import('./queue/sqlite-queue.ts');
    return await join(database, createSqliteQueue(database));
  });
}

/** A restart of Postgres takes some seconds: so often is tried again, after so many ms each. */
const triesMax = 20;
const tryAgainMs = 250;

/**
 * Opens the store in a Postgres database, which any number of processes may use. Drivers are loaded only now. One that
 * is being restarted is waited for.
 */
export async function openPostgresStore(
  url: string,
  options: PostgresOptions & OpenOptions,
): Promise<Result<Store>> {
  const { clock } = options;
  const never = new AbortController().signal;
  for (let tries = 1; ; tries += 1) {
    const opened = await tryPostgresStore(url, options);
    if (opened.ok || opened.failure.code !== 'storage-failed' || tries === triesMax) return opened;
    await clock.sleep(tryAgainMs, never);
  }
}

async function tryPostgresStore(url: string, options: PostgresOptions & OpenOptions): Promise<Result<Store>> {
  const opened = await openPostgres(url, options);
  if (!opened.ok) return opened;
  try {
    return await prepared(opened.value, options, async (database) => {
      const [{ openBoss }, { createPgBossQueue }] = await Promise.all([
        import('./queue/pg-boss.ts'),
        import('./queue/pg-boss-queue.ts'),
      ]);
      return await join(database, createPgBossQueue(await openBoss(database), database));
    });
  } catch (error) {
    await opened.value.close();
    const told = tellStorage(error, 'undone');
    if (!(told instanceof StorageError)) throw error;
    return fail('storage-failed', told.message);
  }
}

/** How tables are brought up to date. */
export interface MigrateOptions {
  /** True: only gives the names of the changes there are to make. */
  readonly dryRun?: boolean;
}

/** Brings the tables in a file up to date; gives the names of the changes made. */
export async function migrateSqlite(
  path: string,
  options: SqliteOptions & MigrateOptions,
): Promise<Result<readonly string[]>> {
  return await migrateAndClose(await openSqlite(path, options), options);
}

/** Brings the tables of a Postgres database up to date; gives the names of the changes made. */
export async function migratePostgres(
  url: string,
  options: PostgresOptions & MigrateOptions,
): Promise<Result<readonly string[]>> {
  return await migrateAndClose(await openPostgres(url, options), options);
}

/** Keeps a whole copy of a store's file, also while a process uses it. */
export async function backupSqlite(from: string, to: string): Promise<Result<void>> {
  const { backupFile } = await import('./sqlite/backup.ts');
  return await backupFile(from, to);
}

/** Makes a backup the store in a file that nobody uses. An existing one stays, unless it may be replaced. */
export async function restoreSqlite(
  from: string,
  to: string,
  options: RestoreOptions,
): Promise<Result<void>> {
  const { restoreFile } = await import('./sqlite/backup.ts');
  return await restoreFile(from, to, options);
}

async function openSqlite(path: string, options: SqliteOptions): Promise<Result<OpenedDatabase>> {
  const { openSqliteDatabase } = await import('./sqlite/open-sqlite-database.ts');
  return await openSqliteDatabase(path, options);
}

async function openPostgres(url: string, options: PostgresOptions): Promise<Result<OpenedDatabase>> {
  const { openPostgresDatabase } = await import('./postgres/open-postgres-database.ts');
  return await openPostgresDatabase(url, options);
}

async function migrateAndClose(
  opened: Result<OpenedDatabase>,
  { dryRun = false }: MigrateOptions,
): Promise<Result<readonly string[]>> {
  if (!opened.ok) return opened;
  const { migrate, pendingMigrations } = await import('./migrations.ts');
  try {
    return await (dryRun ? pendingMigrations : migrate)(opened.value);
  } finally {
    await opened.value.close();
  }
}

/** Joins the store once its tables are as they must be; else closes the database and says why. */
async function prepared(
  database: OpenedDatabase,
  { migrate: mayMigrate = true }: OpenOptions,
  joined: (database: OpenedDatabase) => Promise<Store>,
): Promise<Result<Store>> {
  const { migrate, pendingMigrations } = await import('./migrations.ts');
  const changes = await (mayMigrate ? migrate(database) : pendingMigrations(database));
  if (changes.ok && (mayMigrate || changes.value.length === 0)) return ok(await joined(database));
  await database.close();
  if (!changes.ok) return changes;
  const names = changes.value.join(', ');
  return fail('wrong-config', `The tables are not up to date (${names}). Run "inspan migrate" first.`);
}

async function join(database: OpenedDatabase, queue: Queue<SqlTransaction>): Promise<Store> {
  const { joinStore } = await import('./join-store.ts');
  return joinStore(database, queue);
}
