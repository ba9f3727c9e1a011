import type { ColumnTypes } from './column-types.ts';
import { columnsOfJobs, indexesOfJobs } from './jobs.ts';

/**
 * Gives jobs numbers, by which steps and events name them. Those are what is written most, and with a whole id in each
 * entry their indexes took three times as many pages.
 */
export function jobNumbers(types: ColumnTypes): readonly string[] {
  return [...numberedJobs(types), ...numberedSteps(types), ...numberedEvents(types)];
}

const columns = `id, tenant, team, digest, state, version, epoch, attempts, priority, created_at, not_before,
  deadline_at, started_at, ended_at, worker, cancel_asked, waits, wake_at, failure, cost, estimate, patch,
  forked_from, labels, idempotency_key, body_hash, by_whom, brief, output, event_seq, losses`;

function numberedJobs(types: ColumnTypes): readonly string[] {
  const { number, place } = types;
  return [
    `create table numbered_jobs (
      number ${place} primary key,
      id text not null unique,
      ${columnsOfJobs(types)},
      losses ${number} not null default 0
    )`,
    `insert into numbered_jobs (${columns}) select ${columns} from jobs order by created_at, id`,
    'drop table jobs',
    'alter table numbered_jobs rename to jobs',
    ...indexesOfJobs,
  ];
}

/** The places of steps stay as they are: whoever reads a journal in pages goes on behind the last one he has. */
function numberedSteps({ number }: ColumnTypes): readonly string[] {
  return [
    'drop index steps_of_job',
    `alter table steps add column job_number ${number} not null default 0`,
    'update steps set job_number = (select jobs.number from jobs where jobs.id = steps.job)',
    'alter table steps drop column job',
    'create index steps_of_job on steps (job_number, seq)',
  ];
}

function numberedEvents({ number }: ColumnTypes): readonly string[] {
  return [
    `create table numbered_events (
      job_number ${number} not null,
      seq ${number} not null,
      at ${number} not null,
      body text not null,
      primary key (job_number, seq)
    )`,
    `insert into numbered_events (job_number, seq, at, body)
      select jobs.number, events.seq, events.at, events.body from events join jobs on jobs.id = events.job
      order by jobs.number, events.seq`,
    'drop table events',
    'alter table numbered_events rename to events',
  ];
}
