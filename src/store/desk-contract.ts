import { auditPromises } from './desk-contract-audit.ts';
import { keyPromises } from './desk-contract-keys.ts';
import type { DeskPromise } from './desk-contract-promise.ts';
import { schedulePromises } from './desk-contract-schedules.ts';
import { webhookPromises } from './desk-contract-webhooks.ts';

/** What the stores around jobs promise. Give each entry to your test runner. */
export const deskContract: readonly DeskPromise[] = [
  ...keyPromises,
  ...schedulePromises,
  ...webhookPromises,
  ...auditPromises,
];
