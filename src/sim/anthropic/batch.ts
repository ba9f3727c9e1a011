import type { Json } from '../../core/index.ts';
import type { Simulation } from '../server/wire.ts';
import type { Caller } from './admit.ts';
import { faultBody } from './fault.ts';
import { generate } from './generate.ts';
import type { Listed } from './page.ts';
import { rfc3339 } from './response-headers.ts';
import { wholeMessage } from './write-message.ts';

/** One request of a batch. Its parameters are read when it is worked on. */
export interface BatchItem {
  readonly customId: string;
  readonly params: Json;
}

/** A batch as the provider keeps it. */
export interface Batch {
  readonly id: string;
  readonly caller: Caller;
  readonly items: readonly BatchItem[];
  readonly createdMs: number;
  /** When its work is done, if nobody cancels it. */
  readonly dueMs: number;
  readonly canceledMs: number | null;
  /** Null while it is worked on: nothing is told of its results until it has ended. */
  readonly ended: BatchEnd | null;
}

/** How a batch ended. */
export interface BatchEnd {
  readonly atMs: number;
  readonly results: readonly BatchResult[];
}

/** What came of one request. */
export interface BatchResult {
  readonly custom_id: string;
  readonly result: BatchOutcome;
}

type BatchOutcome =
  | { readonly type: 'succeeded'; readonly message: Json }
  | { readonly type: 'errored'; readonly error: Json }
  | { readonly type: 'canceled' };

/** Batches and their results are kept for a day's work and 29 days after (Anthropic, "Batch processing"). */
const lifeMs = 24 * 60 * 60 * 1000;

/** Says whether the work on a batch is over by now: it is due, or it was cancelled. */
export function isOver({ dueMs, canceledMs }: Batch, nowMs: number): boolean {
  return canceledMs !== null || nowMs >= dueMs;
}

/**
 * Works a batch off, one request after the other.
 * So later ones find the prompt of earlier ones in the cache.
 * Of a cancelled one only the share whose time had come is worked on.
 */
export async function workOff(batch: Batch, simulation: Simulation): Promise<Batch> {
  const { items, createdMs, dueMs, canceledMs } = batch;
  const atMs = Math.min(dueMs, canceledMs ?? dueMs);
  const share = dueMs === createdMs ? 1 : (atMs - createdMs) / (dueMs - createdMs);
  const begun = Math.floor(items.length * share);
  const results: BatchResult[] = [];
  for (const [at, item] of items.entries()) {
    const result = at < begun ? await outcomeOf(item, batch, simulation) : ({ type: 'canceled' } as const);
    results.push({ custom_id: item.customId, result });
  }
  return { ...batch, ended: { atMs, results } };
}

/** Nobody waits for an item, so its account is settled when it is done. */
async function outcomeOf(
  { params }: BatchItem,
  { caller }: Batch,
  simulation: Simulation,
): Promise<BatchOutcome> {
  const { signal } = new AbortController();
  const generation = await generate(simulation, params, { caller, batch: true, signal });
  if (generation.type === 'fault') {
    return { type: 'errored', error: faultBody(generation.fault, caller.requestId) };
  }
  const { answer, message } = generation;
  answer.delivery.begun();
  answer.delivery.settle(message.usage);
  return { type: 'succeeded', message: wholeMessage(message) };
}

/** Tells of a batch. `origin`: where its results can be had, `http://127.0.0.1:4000`. */
export function batchInfo(batch: Batch, origin: string): Listed {
  const { id, createdMs, canceledMs, ended } = batch;
  return {
    id,
    type: 'message_batch',
    processing_status: ended !== null ? 'ended' : canceledMs !== null ? 'canceling' : 'in_progress',
    request_counts: countsOf(batch),
    created_at: rfc3339(createdMs),
    expires_at: rfc3339(createdMs + lifeMs),
    ended_at: ended === null ? null : rfc3339(ended.atMs),
    cancel_initiated_at: canceledMs === null ? null : rfc3339(canceledMs),
    archived_at: null,
    results_url: ended === null ? null : `${origin}/v1/messages/batches/${id}/results`,
  };
}

/** The results as JSON lines, in no order that a client could rely on: the last request comes first. */
export function resultLines({ results }: BatchEnd): string {
  return results
    .toReversed()
    .map((result) => `${JSON.stringify(result)}\n`)
    .join('');
}

function countsOf({ items, ended }: Batch): Json {
  const results = ended?.results ?? [];
  const ofType = (type: BatchOutcome['type']) => results.filter(({ result }) => result.type === type).length;
  return {
    processing: items.length - results.length,
    succeeded: ofType('succeeded'),
    errored: ofType('errored'),
    canceled: ofType('canceled'),
    expired: 0,
  };
}
