export { type BlobsPromise, blobsContract } from './blobs-contract.ts';
export { deskContract } from './desk-contract.ts';
export type { DeskPromise, DeskStores } from './desk-contract-promise.ts';
export { type HotPromise, type HotUnderTest, hotContract } from './hot-contract.ts';
export { type JournalPromise, journalContract, type ReopenableStore } from './journal-contract.ts';
export {
  type BoundQueue,
  bindQueue,
  type QueuePromise,
  type QueueUnderTest,
  queueContract,
} from './queue-contract.ts';
export { runStoreContract } from './run-store-contract.ts';
export type { RunStorePromise, RunStoreUnderTest } from './run-store-contract-promise.ts';
export { runStoreRaces } from './run-store-contract-races.ts';
export {
  createScratchDatabase,
  openScratchPostgresStore,
  openScratchSqliteStore,
} from './sql/scratch.ts';
