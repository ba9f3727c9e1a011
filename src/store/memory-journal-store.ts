import type { JournalStore, StepRecord } from '../core/index.ts';

/** Keeps a journal's records in memory: for tests, replays and jobs that need not survive. */
export function createMemoryJournalStore(recorded: readonly StepRecord[] = []): JournalStore {
  const records = [...recorded];
  return {
    records: async () => [...records],
    append: async (record) => {
      records.push(frozen(record));
    },
  };
}

/** Nobody who still holds a record can change the past. What steps hand out is data that nobody changes anyway. */
function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const member of Object.values(value)) frozen(member);
  return Object.freeze(value);
}
