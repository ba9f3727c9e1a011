import type { ColumnTypes } from './column-types.ts';

/** Keys, schedules, webhooks and the audit log. */
export function desk({ number, place }: ColumnTypes): readonly string[] {
  return [
    `create table api_keys (
      id text not null primary key,
      tenant text not null,
      prefix text not null,
      hash text not null unique,
      label text not null,
      scopes text not null,
      created_at ${number} not null,
      expires_at ${number},
      revoked_at ${number},
      used_at ${number}
    )`,
    'create index api_keys_of_tenant on api_keys (tenant, created_at desc)',
    `create table schedules (
      id text not null primary key,
      tenant text not null,
      name text not null,
      cron text not null,
      time_zone text not null,
      team text not null,
      request text not null,
      is_paused ${number} not null,
      next_at ${number},
      last_job text,
      last_at ${number},
      problem text,
      created_at ${number} not null,
      unique (tenant, name)
    )`,
    'create index schedules_due on schedules (next_at) where next_at is not null',
    `create table webhooks (
      id text not null primary key,
      tenant text not null,
      url text not null,
      secret text not null,
      events text not null,
      is_paused ${number} not null,
      created_at ${number} not null
    )`,
    'create index webhooks_of_tenant on webhooks (tenant)',
    `create table deliveries (
      place ${place} primary key,
      id text not null unique,
      webhook text not null,
      tenant text not null,
      job text not null,
      event text not null,
      payload text not null,
      state text not null,
      attempts text not null,
      next_at ${number},
      created_at ${number} not null
    )`,
    'create index deliveries_due on deliveries (state, next_at)',
    'create index deliveries_of_webhook on deliveries (webhook, place)',
    `create table audit (
      place ${place} primary key,
      at ${number} not null,
      tenant text not null,
      by_whom text not null,
      action text not null,
      target text not null,
      detail text not null
    )`,
    'create index audit_of_tenant on audit (tenant, place)',
  ];
}
