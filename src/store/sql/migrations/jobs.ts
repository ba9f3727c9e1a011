import type { ColumnTypes } from './column-types.ts';

/** Jobs and what belongs to them, blobs, workers and the line. */
export function jobs(types: ColumnTypes): readonly string[] {
  return [...jobTables(types), ...recordTables(types), ...contentTables(types), ...workTables(types)];
}

/** Columns of the table of jobs as it first was, but for the id. */
export function columnsOfJobs({ number }: ColumnTypes): string {
  return `tenant text not null,
      team text not null,
      digest text not null,
      state text not null,
      version ${number} not null,
      epoch ${number} not null,
      attempts ${number} not null,
      priority ${number} not null,
      created_at ${number} not null,
      not_before ${number},
      deadline_at ${number},
      started_at ${number},
      ended_at ${number},
      worker text,
      cancel_asked ${number} not null,
      waits text not null,
      wake_at ${number},
      failure text,
      cost text,
      estimate text,
      patch text,
      forked_from text,
      labels text not null,
      idempotency_key text,
      body_hash text,
      by_whom text not null,
      brief text not null,
      output text,
      event_seq ${number} not null`;
}

/** Indexes of the table of jobs: whoever makes the table anew makes them too. */
export const indexesOfJobs: readonly string[] = Object.freeze([
  'create index jobs_of_tenant on jobs (tenant, created_at desc, id)',
  'create index jobs_of_tenant_by_state on jobs (tenant, state, created_at desc, id)',
  'create index jobs_by_state on jobs (state, tenant)',
  'create index jobs_of_worker on jobs (worker) where worker is not null',
  'create index jobs_to_wake on jobs (state, wake_at) where wake_at is not null',
  'create index jobs_to_expire on jobs (state, deadline_at) where deadline_at is not null',
  'create index jobs_ended on jobs (ended_at) where ended_at is not null',
  'create index jobs_of_digest on jobs (digest)',
  'create unique index jobs_by_key on jobs (tenant, idempotency_key) where idempotency_key is not null',
]);

function jobTables(types: ColumnTypes): readonly string[] {
  return [
    `create table jobs (
      id text not null primary key,
      ${columnsOfJobs(types)}
    )`,
    ...indexesOfJobs,
    'create table job_labels (job text not null, name text not null, value text not null, primary key (job, name))',
    'create index jobs_of_label on job_labels (name, value, job)',
  ];
}

function recordTables({ number, place }: ColumnTypes): readonly string[] {
  return [
    `create table steps (
      seq ${place} primary key,
      job text not null,
      epoch ${number} not null,
      at ${number} not null,
      inherited ${number} not null,
      key text not null,
      type text not null,
      record text not null
    )`,
    'create index steps_of_job on steps (job, seq)',
    `create table events (
      job text not null,
      seq ${number} not null,
      at ${number} not null,
      body text not null,
      primary key (job, seq)
    )`,
    `create table files (
      job text not null,
      path text not null,
      hash text not null,
      size ${number} not null,
      version ${number} not null,
      primary key (job, path)
    )`,
    `create table signals (
      place ${place} primary key,
      job text not null,
      name text not null,
      key text,
      value text not null,
      signal_id text,
      by_whom text not null,
      at ${number} not null,
      taken_by text
    )`,
    'create index signals_of_job on signals (job, name)',
    'create unique index signals_by_id on signals (job, signal_id) where signal_id is not null',
  ];
}

function contentTables({ number, bytes }: ColumnTypes): readonly string[] {
  return [
    `create table teams (
      digest text not null primary key,
      name text not null,
      definition text not null,
      tool_code text not null,
      at ${number} not null
    )`,
    `create table blobs (
      hash text not null primary key,
      bytes ${bytes} not null,
      size ${number} not null,
      at ${number} not null
    )`,
    'create index blobs_by_age on blobs (at)',
    'create table blob_uses (job text not null, hash text not null, primary key (job, hash))',
    'create index blob_uses_of_hash on blob_uses (hash)',
  ];
}

function workTables({ number, place }: ColumnTypes): readonly string[] {
  return [
    `create table workers (
      id text not null primary key,
      concurrency ${number} not null,
      lease_ms ${number} not null,
      lease_until ${number} not null,
      started_at ${number} not null
    )`,
    `create table queue (
      place ${place} primary key,
      job text not null unique,
      tenant text not null,
      priority ${number} not null,
      not_before ${number}
    )`,
    'create index queue_in_order on queue (priority desc, place)',
  ];
}
