export { openJournal } from './journal.ts';
export { type JournalPromise, journalContract, type ReopenableStore } from './journal-contract.ts';
export { createMemoryJournalStore } from './memory-journal-store.ts';
