import { acceptPromises } from './run-store-contract-accept.ts';
import { endingPromises } from './run-store-contract-endings.ts';
import { forkPromises } from './run-store-contract-forks.ts';
import { journalPromises } from './run-store-contract-journal.ts';
import { limitPromises } from './run-store-contract-limits.ts';
import type { RunStorePromise } from './run-store-contract-promise.ts';
import { settlePromises } from './run-store-contract-settle.ts';
import { workPromises } from './run-store-contract-work.ts';

/** What every run store promises. Give each entry to your test runner. */
export const runStoreContract: readonly RunStorePromise[] = [
  ...acceptPromises,
  ...workPromises,
  ...journalPromises,
  ...endingPromises,
  ...settlePromises,
  ...forkPromises,
  ...limitPromises,
];
