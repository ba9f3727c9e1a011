import { z } from '@hono/zod-openapi';
import type { FileChange, Spending, StoredStep } from '../../core/index.ts';
import { usageShape } from './result.ts';
import { failureOnWire, failureShape, moment, momentShape, orNull } from './values.ts';

/** One record of a job's journal: that something happened and what it cost, not what was said. */
export const stepShape = z
  .object({
    seq: z.int().openapi({ description: 'Place in the journal; grows, may skip.' }),
    at: momentShape,
    epoch: z.int().openapi({ description: 'Which worker’s lease it was recorded under.' }),
    key: z.string().openapi({ description: 'Its stable path; a fork names it.' }),
    kind: z.enum(['model', 'tool', 'check', 'wait']),
    type: z.enum(['started', 'unfinished', 'done', 'failed']),
    inherited: z.boolean().openapi({ description: 'True for what a fork took over.' }),
    failure: orNull(failureShape),
    files: z.array(z.object({ path: z.string(), version: z.int(), removed: z.boolean() })),
    spent: z.array(
      z.object({
        agent: z.string(),
        model: z.string(),
        usage: usageShape,
        estimate: orNull(usageShape).openapi({ description: 'What may have been used beyond that.' }),
      }),
    ),
  })
  .openapi('Step');

/** A record of a journal over the wire. */
export type StepOnWire = z.infer<typeof stepShape>;

/** Writes a record as an answer has it. */
export function stepOnWire({ seq, atMs, epoch, inherited, record }: StoredStep): StepOnWire {
  const { key, kind, type } = record;
  const isEnd = type === 'done' || type === 'failed';
  const spent = type === 'started' ? [] : (record.spent ?? []);
  return {
    seq,
    at: moment(atMs),
    epoch,
    key,
    kind,
    type,
    inherited,
    failure: type === 'failed' ? failureOnWire(record.failure) : null,
    files: (isEnd ? (record.changes ?? []) : []).map(changeOnWire),
    spent: spent.map(spendingOnWire),
  };
}

function changeOnWire(change: FileChange) {
  return { path: change.path, version: change.version, removed: 'removed' in change };
}

function spendingOnWire({ agent, model, usage, estimate }: Spending) {
  return { agent, model, usage, estimate: estimate ?? null };
}
