export { openJournal } from './journal.ts';
export { createMemoryJournalStore } from './memory-journal-store.ts';
