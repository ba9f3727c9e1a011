import type { Insertable, Selectable } from 'kysely';
import { hashJson, type JobState } from '../../../core/index.ts';
import type { SqlTransaction } from '../database.ts';
import type { DeliveriesTable, WebhooksTable } from '../tables.ts';
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

/** Rows of one statement: SQLite takes 32,766 values at once, and a row has ten. */
const rowsMax = 1000;

/**
 * Writes down who is to be told that jobs have moved. In the transaction that moves them: nobody is forgotten, and
 * nobody hears of what did not happen. A message's id follows from what it says.
 */
export async function announce(
  transaction: SqlTransaction,
  rows: readonly JobRow[],
  nowMs: number,
): Promise<void> {
  const told = rows.filter(({ state }) => toldStates.has(state));
  if (told.length === 0) return;
  const webhooks = await transaction
    .selectFrom('webhooks')
    .select(['id', 'tenant', 'events'])
    .where('tenant', 'in', [...new Set(told.map(({ tenant }) => tenant))])
    .where('is_paused', '=', 0)
    .execute();
  if (webhooks.length === 0) return;
  const deliveries = told.flatMap((row) => deliveriesOf(row, webhooks, nowMs));
  for (let at = 0; at < deliveries.length; at += rowsMax) {
    await transaction
      .insertInto('deliveries')
      .values(deliveries.slice(at, at + rowsMax))
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
}

type Webhook = Pick<Selectable<WebhooksTable>, 'id' | 'tenant' | 'events'>;

function deliveriesOf(
  row: JobRow,
  webhooks: readonly Webhook[],
  nowMs: number,
): readonly Insertable<DeliveriesTable>[] {
  const event = `job.${row.state}`;
  const wanted = webhooks.filter(({ tenant, events }) => {
    return tenant === row.tenant && wants(JSON.parse(events) as readonly string[], event);
  });
  if (wanted.length === 0) return [];
  const payload = payloadOf(row, event, nowMs);
  return wanted.map(({ id: webhook }) => ({
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
