import type { JournalStore, StepRecord } from '../core/index.ts';

/** Keeps a journal's records in memory: for tests, replays and jobs that need not survive. */
export function createMemoryJournalStore(recorded: readonly StepRecord[] = []): JournalStore {
  const records = [...recorded];
  return {
    records: async () => [...records],
    append: async (record) => {
      // A copy, so that nobody who still holds the record can change the past.
      records.push(structuredClone(record));
    },
  };
}
