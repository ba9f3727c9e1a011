import type {
  Failure,
  JobPatch,
  JobRecord,
  JobState,
  Json,
  StoredEvent,
  UnnumberedEvent,
  Wait,
} from '../../../core/index.ts';
import type { JobRow } from './parts.ts';

/** The job that a row describes. */
export function recordOf(row: JobRow): JobRecord {
  return {
    id: row.id,
    tenant: row.tenant,
    team: row.team,
    digest: row.digest,
    state: row.state as JobState,
    version: row.version,
    epoch: row.epoch,
    attempts: row.attempts,
    priority: row.priority,
    createdAtMs: row.created_at,
    notBeforeMs: row.not_before,
    deadlineAtMs: row.deadline_at,
    startedAtMs: row.started_at,
    endedAtMs: row.ended_at,
    worker: row.worker,
    cancelAsked: row.cancel_asked === 1,
    waits: waitsOf(row),
    failure: parse<Failure>(row.failure),
    costMicroUsd: parse<number | 'unknown'>(row.cost),
    estimate: parse<Json>(row.estimate),
    patch: parse<JobPatch>(row.patch),
    forkedFrom: parse<{ readonly job: string; readonly step: string }>(row.forked_from),
    labels: JSON.parse(row.labels) as Readonly<Record<string, string>>,
    idempotencyKey: row.idempotency_key,
    by: row.by_whom,
  };
}

/** What a parked job waits for. */
export function waitsOf(row: Pick<JobRow, 'waits'>): readonly Wait[] {
  return JSON.parse(row.waits) as readonly Wait[];
}

/** Writes a value as JSON; null stays null. */
export function jsonOrNull(value: unknown): string | null {
  return value === null ? null : JSON.stringify(value);
}

/** An event with its place, as a row of a stream says it. */
export function eventOf(row: {
  readonly seq: number;
  readonly at: number;
  readonly body: string;
}): StoredEvent {
  const event = JSON.parse(row.body) as UnnumberedEvent;
  return { ...event, seq: row.seq, atMs: row.at };
}

function parse<T>(text: string | null): T | null {
  return text === null ? null : (JSON.parse(text) as T);
}
