export { createLocalHot } from './hot/local-hot.ts';
export { createMemoryHot } from './hot/memory-hot.ts';
export { openRedisHot, type RedisHotOptions } from './hot/redis-hot.ts';
export { openJournal } from './journal.ts';
export { createMemoryJournalStore } from './memory-journal-store.ts';
export {
  backupSqlite,
  migratePostgres,
  migrateSqlite,
  openPostgresStore,
  openSqliteStore,
  restoreSqlite,
} from './sql/open-store.ts';
