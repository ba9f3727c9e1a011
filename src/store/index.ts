export { openJournal } from './journal.ts';
export { journalContract, type JournalPromise, type ReopenableStore } from './journal-contract.ts';
export { createMemoryJournalStore } from './memory-journal-store.ts';
