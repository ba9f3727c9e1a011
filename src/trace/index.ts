export { createEventLog } from './event-log.ts';
export { accountOf } from './ledger.ts';
