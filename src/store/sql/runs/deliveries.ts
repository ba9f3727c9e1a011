import { hashJson, type JobState } from '../../../core/index.ts';
import type { SqlTransaction } from '../database.ts';
import type { JobRow } from './parts.ts';
import { recordOf } from './rows.ts';

/** The states that somebody outside may want to hear of. */
const toldStates: ReadonlySet<string> = new Set<JobState>([
  'succeeded',
  'failed',
  'cancelled',
  'expired',
  'parked',
]);

/**
 * Writes down who is to be told that a job has moved. In the transaction that moves it: nobody is forgotten, and
 * nobody hears of what did not happen. A message's id follows from what it says.
 */
export async function announce(transaction: SqlTransaction, row: JobRow, nowMs: number): Promise<void> {
  if (!toldStates.has(row.state)) return;
  const webhooks = await transaction
    .selectFrom('webhooks')
    .select(['id', 'events'])
    .where('tenant', '=', row.tenant)
    .where('is_paused', '=', 0)
    .execute();
  const event = `job.${row.state}`;
  const wanted = webhooks.filter(({ events }) => wants(JSON.parse(events) as readonly string[], event));
  if (wanted.length === 0) return;
  const payload = payloadOf(row, event, nowMs);
  const deliveries = wanted.map(({ id: webhook }) => ({
    id: `msg_${hashJson([webhook, row.id, row.version]).slice(0, 32)}`,
    webhook,
    tenant: row.tenant,
    job: row.id,
    event,
    payload,
    state: 'waiting',
    attempts: '[]',
    next_at: nowMs,
    created_at: nowMs,
  }));
  await transaction
    .insertInto('deliveries')
    .values(deliveries)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

function wants(events: readonly string[], event: string): boolean {
  return events.length === 0 || events.includes(event);
}

/** In the words of the API: money in both units, times as ISO strings. */
function payloadOf(row: JobRow, type: string, nowMs: number): string {
  const { id, team, state, failure, costMicroUsd, labels, waits } = recordOf(row);
  const data = {
    id,
    team,
    state,
    failure: failure === null ? null : { code: failure.code, message: failure.message },
    cost: costMicroUsd === null ? null : { microUsd: costMicroUsd, usd: usdOf(costMicroUsd) },
    labels,
    waits: waits.map(({ key, signal, untilMs, question }) => ({
      key,
      signal,
      until: untilMs === null ? null : isoTime(untilMs),
      question,
    })),
  };
  return JSON.stringify({ type, timestamp: isoTime(nowMs), data });
}

function usdOf(microUsd: number | 'unknown'): number | 'unknown' {
  return microUsd === 'unknown' ? microUsd : microUsd / 1_000_000;
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
