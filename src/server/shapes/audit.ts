import { z } from '@hono/zod-openapi';
import type { AuditEntry } from '../../core/index.ts';
import { jsonShape, moment, momentShape } from './values.ts';

/** Who did what. */
export const auditShape = z
  .object({
    at: momentShape,
    by: z.string().openapi({ description: 'Id of an API key, or `local`, `cli`, `schedule`.' }),
    action: z.string(),
    target: z.string().openapi({ description: 'Id of what it was done to.' }),
    detail: jsonShape,
  })
  .openapi('AuditEntry', {
    example: {
      at: '2026-03-01T09:30:00.000Z',
      by: 'key_1',
      action: 'job.cancel',
      target: 'job_1',
      detail: {},
    },
  });

/** An entry of the audit log over the wire. */
export type AuditOnWire = z.infer<typeof auditShape>;

/** Writes an entry as an answer has it. */
export function auditOnWire({ atMs, by, action, target, detail }: AuditEntry): AuditOnWire {
  return { at: moment(atMs), by, action, target, detail };
}
