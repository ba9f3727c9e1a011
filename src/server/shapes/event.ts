import { z } from '@hono/zod-openapi';
import type { JobDelta, StoredEvent } from '../../core/index.ts';
import { moment, momentShape, money } from './values.ts';

/** Every kind of event, so that a new one cannot be forgotten here. */
const eventTypes = {
  'job-started': true,
  'job-moved': true,
  'job-ended': true,
  'file-cut': true,
  warning: true,
  'agent-started': true,
  'agent-ended': true,
  'agent-skipped': true,
  'model-called': true,
  'model-retried': true,
  'model-fell-back': true,
  'prefix-break': true,
  'prefix-volatile': true,
  'prefix-short': true,
  compacted: true,
  'tool-called': true,
  'file-written': true,
} as const satisfies Readonly<Record<StoredEvent['type'], true>>;

/** One event of a job's stream. */
export const eventShape = z
  .looseObject({
    seq: z.int().openapi({ description: 'Counts from 1 without gaps; the `id` of the event.' }),
    at: momentShape,
    type: z.enum(Object.keys(eventTypes) as [StoredEvent['type'], ...StoredEvent['type'][]]),
  })
  .openapi('Event', {
    description:
      'Facts only: never a prompt, a tool’s input or the text of a file. Each type has properties of its own.',
    example: {
      seq: 3,
      at: '2026-03-01T09:30:00.000Z',
      type: 'file-written',
      agent: 'extractor',
      path: 'insights.md',
      bytesSize: 812,
      version: 1,
    },
  });

/** An event over the wire. */
export type EventOnWire = z.infer<typeof eventShape>;

/** Words of a model while they come. They have no place in the stream, and nobody keeps them. */
export const deltaShape = z
  .discriminatedUnion('type', [
    z.object({ type: z.literal('text'), agent: z.string(), key: z.string(), text: z.string() }),
    z.object({ type: z.literal('retracted'), agent: z.string(), key: z.string() }),
  ])
  .openapi('Delta', {
    description: '`retracted`: what was shown of this step so far does not count, the answer begins again.',
  });

/** What an event quotes of a team's prompts is for its author, who finds it in the trace. */
const quotes: ReadonlySet<string> = new Set(['before', 'after', 'value', 'place']);

/** Writes an event as the stream has it: times and money in the form of all answers, and nothing of a prompt. */
export function eventOnWire(event: StoredEvent): EventOnWire {
  const { seq, atMs, type, ...facts } = event;
  const isQuoting = type === 'prefix-break' || type === 'prefix-volatile';
  const shown = Object.entries(facts)
    .filter(([name]) => !isQuoting || !quotes.has(name))
    // Over the wire `at` is the time.
    .map(([name, value]) => [name === 'at' ? 'block' : name, value]);
  return { seq, at: moment(atMs), type, ...moneyIn(Object.fromEntries(shown)) };
}

/** Turns every `…MicroUsd` into an amount in both units: `costMicroUsd` becomes `cost`. */
function moneyIn(facts: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const written = Object.entries(facts).map(([name, value]) => {
    if (name === 'estimate') return [name, moneyIn(value as Readonly<Record<string, unknown>>)];
    if (!name.endsWith('MicroUsd')) return [name, value];
    return [name.slice(0, -'MicroUsd'.length), money(value as number | 'unknown')];
  });
  return Object.fromEntries(written) as Record<string, unknown>;
}

/** Writes words of a model as the stream has them. */
export function deltaOnWire(delta: JobDelta): z.infer<typeof deltaShape> {
  const { type, agent, key } = delta;
  return type === 'text' ? { type, agent, key, text: delta.text } : { type, agent, key };
}
