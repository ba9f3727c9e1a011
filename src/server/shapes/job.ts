import { z } from '@hono/zod-openapi';
import {
  isJsonObject,
  type JobRecord,
  type JobState,
  type Json,
  jobMoves,
  type Wait,
} from '../../core/index.ts';
import type { JobProgress } from '../../jobs/index.ts';
import {
  failureOnWire,
  failureShape,
  jsonShape,
  type MoneyOnWire,
  moment,
  momentOrNull,
  momentShape,
  money,
  moneyShape,
  orNull,
} from './values.ts';

const states = Object.keys(jobMoves) as [JobState, ...JobState[]];

/** Where a job stands. */
export const stateShape = z.enum(states).openapi('JobState');

/** What a parked job waits for. */
export const waitShape = z
  .object({
    key: z.string().openapi({ description: 'The waiting step: name it to answer it alone.' }),
    signal: z.string().nullable().openapi({ description: 'Name of the signal it waits for.' }),
    until: orNull(momentShape),
    question: jsonShape.openapi({ description: 'What a person is asked.' }),
  })
  .openapi('Wait');

/** How far a job is. */
export const progressShape = z
  .object({
    agents: z.array(
      z.object({
        name: z.string(),
        state: z.enum(['waiting', 'working', 'done', 'failed', 'skipped']),
      }),
    ),
    calls: z.int().openapi({ description: 'Model calls so far.' }),
    toolCalls: z.int(),
    cost: moneyShape,
    eventSeq: z.int().openapi({ description: 'Place of the newest event.' }),
  })
  .openapi('Progress');

const estimateShape = z.object({ cost: moneyShape, costMax: moneyShape });

const linksShape = z.object({ self: z.string(), events: z.string(), files: z.string(), result: z.string() });

/** A job: what it is, where it stands and how it ended; never what it was told. */
export const jobShape = z
  .object({
    id: z.string(),
    team: z.string(),
    digest: z.string().openapi({ description: 'The definition of the team that it is finished on.' }),
    state: stateShape,
    priority: z.int(),
    attempts: z.int().openapi({ description: 'How often it was begun since it was accepted or retried.' }),
    createdAt: momentShape,
    notBefore: orNull(momentShape),
    deadlineAt: orNull(momentShape),
    startedAt: orNull(momentShape),
    endedAt: orNull(momentShape),
    cancelAsked: z.boolean(),
    waits: z.array(waitShape).openapi({ description: 'What a parked job waits for.' }),
    failure: orNull(failureShape),
    cost: orNull(moneyShape).openapi({ description: 'When it last ended or was parked.' }),
    estimate: orNull(estimateShape).openapi({ description: 'What it was thought to cost.' }),
    labels: z.record(z.string(), z.string()),
    forkedFrom: z.object({ job: z.string(), step: z.string() }).nullable(),
    by: z.string().openapi({ description: 'Id of the key that brought it, or `local`, `cli`, `schedule`.' }),
    progress: progressShape.optional().openapi({ description: 'Only where one job was asked for.' }),
    links: linksShape,
  })
  .openapi('Job');

/** A job over the wire. */
export type JobOnWire = z.infer<typeof jobShape>;

/** Writes a job as an answer has it: without its tenant, its worker and the texts of its patch. */
export function jobOnWire(job: JobRecord, progress?: JobProgress): JobOnWire {
  const { id, team, digest, state, priority, attempts, cancelAsked, labels, by } = job;
  return {
    id,
    team,
    digest,
    state,
    priority,
    attempts,
    createdAt: moment(job.createdAtMs),
    notBefore: momentOrNull(job.notBeforeMs),
    deadlineAt: momentOrNull(job.deadlineAtMs),
    startedAt: momentOrNull(job.startedAtMs),
    endedAt: momentOrNull(job.endedAtMs),
    cancelAsked,
    waits: job.waits.map(waitOnWire),
    failure: job.failure === null ? null : failureOnWire(job.failure),
    cost: job.costMicroUsd === null ? null : money(job.costMicroUsd),
    estimate: estimateOf(job.estimate),
    labels,
    forkedFrom: job.forkedFrom,
    by,
    ...(progress === undefined ? {} : { progress: progressOnWire(progress) }),
    links: linksOf(id),
  };
}

function waitOnWire({ key, signal, untilMs, question }: Wait): z.infer<typeof waitShape> {
  return { key, signal, until: momentOrNull(untilMs), question };
}

function progressOnWire(progress: JobProgress): z.infer<typeof progressShape> {
  const { agents, calls, toolCalls, costMicroUsd, eventSeq } = progress;
  return { agents: [...agents], calls, toolCalls, eventSeq, cost: money(costMicroUsd) };
}

/** An estimate is kept as plain data; only its sums go out. */
function estimateOf(estimate: Json | null): { cost: MoneyOnWire; costMax: MoneyOnWire } | null {
  const total = isJsonObject(estimate) ? estimate['total'] : null;
  if (!isJsonObject(total)) return null;
  return { cost: money(amountOf(total['costMicroUsd'])), costMax: money(amountOf(total['costMicroUsdMax'])) };
}

function amountOf(value: Json | undefined): number | 'unknown' {
  return typeof value === 'number' ? value : 'unknown';
}

/** Where a job is found. */
export function jobPath(id: string): string {
  return `/v1/jobs/${encodeURIComponent(id)}`;
}

function linksOf(id: string): z.infer<typeof linksShape> {
  const self = jobPath(id);
  return { self, events: `${self}/events`, files: `${self}/files`, result: `${self}/result` };
}
