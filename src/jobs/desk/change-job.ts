import {
  failure,
  isDeeperThan,
  type JobRecord,
  type Json,
  jsonLevelsMax,
  type NewSignal,
  type Result,
  type RunStore,
} from '../../core/index.ts';
import type { Caller } from '../desk.ts';
import { cancelChannel } from '../live.ts';
import { isWord } from './check-terms.ts';
import type { DeskParts } from './desk-parts.ts';
import type { StatusReader } from './job-status.ts';
import { findJob, isId, jobNotFound } from './not-found.ts';
import { refusedRetry } from './recorded-failure.ts';

/** A desk's parts, and how it tells of changes. */
export interface ChangeParts extends DeskParts {
  readonly statuses: StatusReader;
}

/** Ends a job at once, or asks its worker to. */
export async function cancelJob(parts: ChangeParts, caller: Caller, id: string): Promise<Result<JobRecord>> {
  const asked = { why: 'cancelled by a person', by: caller.by };
  const cancelled = await changed(parts, id, (runs) => runs.cancel(caller.tenant, id, asked));
  if (cancelled.ok && cancelled.value.cancelAsked) parts.hot.publish(cancelChannel, id);
  return cancelled;
}

/** Queues a job that did not succeed again; `wrong-state` where it would only end the same way. */
export async function retryJob(parts: ChangeParts, caller: Caller, id: string): Promise<Result<JobRecord>> {
  const found = await findJob(parts.store.runs, caller, id);
  if (!found.ok) return found;
  const refused = await refusedRetry(parts.store.runs, found.value);
  if (refused !== null) return { ok: false, failure: refused };
  const asked = { why: 'retried by a person', by: caller.by };
  return await changed(parts, id, (runs) => runs.retry(caller.tenant, id, asked));
}

/** A value from outside, before it is checked. */
export interface GivenSignal {
  readonly name: string;
  readonly value: Json;
  readonly key?: string;
  readonly id?: string;
}

/** Hands a value to whoever waits for it. */
export async function signalJob(
  parts: ChangeParts,
  caller: Caller,
  { id, signal }: { readonly id: string; readonly signal: GivenSignal },
): Promise<Result<JobRecord>> {
  const wrong = wrongSignal(signal);
  if (wrong !== null) return { ok: false, failure: failure('wrong-input', wrong) };
  const { name, value, key = null, id: signalId = null } = signal;
  const wanted: NewSignal = { name, value, key, id: signalId, by: caller.by };
  return await changed(parts, id, (runs) => runs.signal(caller.tenant, id, wanted));
}

async function changed(
  parts: ChangeParts,
  id: string,
  change: (runs: RunStore) => Promise<Result<JobRecord>>,
): Promise<Result<JobRecord>> {
  if (!isId(id)) return jobNotFound(id);
  const result = await change(parts.store.runs);
  // The store says it in its own words; who asks must not be able to tell a neighbour's job from none.
  if (!result.ok) return result.failure.code === 'not-found' ? jobNotFound(id) : result;
  await parts.statuses.tell(result.value);
  return result;
}

const nameCharactersMax = 128;
const valueBytesMax = 256 * 1024;
/** A step's key is a path of agents' names and numbers: far below this. */
const keyCharactersMax = 1_000;

function wrongSignal({ name, value, key, id }: GivenSignal): string | null {
  if (!isWord(name, nameCharactersMax)) {
    return `The name of a signal must have from 1 to ${nameCharactersMax} visible characters.`;
  }
  if (isDeeperThan(value, jsonLevelsMax)) {
    return `The value of signal ${name} is nested deeper than ${jsonLevelsMax} levels: bring a reference instead.`;
  }
  const json = jsonOf(value);
  if (json === null) return 'The value of a signal must be JSON data.';
  const bytesSize = Buffer.byteLength(json);
  if (bytesSize > valueBytesMax) {
    return `The value of signal ${name} has ${bytesSize} bytes, at most ${valueBytesMax} are kept: bring a reference instead.`;
  }
  if (key !== undefined && !isWord(key, keyCharactersMax)) return 'key must be the key of a waiting step.';
  if (id !== undefined && !isWord(id)) return 'id must have from 1 to 255 visible characters.';
  return null;
}

/** Null for what is no JSON data. */
function jsonOf(value: unknown): string | null {
  try {
    return JSON.stringify(value) ?? null;
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}
