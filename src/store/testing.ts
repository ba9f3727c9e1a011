export { type JournalPromise, journalContract, type ReopenableStore } from './journal-contract.ts';
