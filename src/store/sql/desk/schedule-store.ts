import type { Selectable } from 'kysely';
import type { Json, Schedule, ScheduleStore } from '../../../core/index.ts';
import type { SqlDatabase } from '../database.ts';
import type { SchedulesTable } from '../tables.ts';

/** Keeps schedules in a SQL database. */
export function createScheduleStore({ read, write }: SqlDatabase): ScheduleStore {
  return {
    async add(schedule) {
      const { numInsertedOrUpdatedRows: rows } = await write((transaction) =>
        transaction
          .insertInto('schedules')
          .values(rowOf(schedule))
          .onConflict((conflict) => conflict.columns(['tenant', 'name']).doNothing())
          .executeTakeFirst(),
      );
      return rows === 1n;
    },
    async find(tenant, id) {
      const of = read.selectFrom('schedules').selectAll().where('tenant', '=', tenant);
      const row = await of.where('id', '=', id).executeTakeFirst();
      return row === undefined ? null : scheduleOf(row);
    },
    async list(tenant) {
      const of = read.selectFrom('schedules').selectAll().where('tenant', '=', tenant);
      return (await of.orderBy('name').execute()).map(scheduleOf);
    },
    async change(tenant, id, { isPaused, nextAtMs }) {
      const row = await write((transaction) =>
        transaction
          .updateTable('schedules')
          .set({
            // What is not named is set to itself: there is always something to set.
            id,
            ...(isPaused === undefined ? {} : { is_paused: Number(isPaused) }),
            ...(nextAtMs === undefined ? {} : { next_at: nextAtMs }),
          })
          .where('tenant', '=', tenant)
          .where('id', '=', id)
          .returningAll()
          .executeTakeFirst(),
      );
      return row === undefined ? null : scheduleOf(row);
    },
    async remove(tenant, id) {
      const { numDeletedRows: rows } = await write((transaction) =>
        transaction
          .deleteFrom('schedules')
          .where('tenant', '=', tenant)
          .where('id', '=', id)
          .executeTakeFirst(),
      );
      return rows === 1n;
    },
    async due(nowMs, limit) {
      const come = read.selectFrom('schedules').selectAll().where('next_at', '<=', nowMs);
      const rows = await come.where('is_paused', '=', 0).orderBy('next_at').limit(limit).execute();
      return rows.map(scheduleOf);
    },
    async moveOn(id, from, { nextAtMs, lastJob, lastAtMs, problem }) {
      const { numUpdatedRows: rows } = await write((transaction) =>
        transaction
          .updateTable('schedules')
          .set({ next_at: nextAtMs, last_job: lastJob, last_at: lastAtMs, problem })
          .where('id', '=', id)
          .where('next_at', '=', from)
          .executeTakeFirst(),
      );
      return rows === 1n;
    },
  };
}

function rowOf(schedule: Schedule): Selectable<SchedulesTable> {
  return {
    id: schedule.id,
    tenant: schedule.tenant,
    name: schedule.name,
    cron: schedule.cron,
    time_zone: schedule.timeZone,
    team: schedule.team,
    request: JSON.stringify(schedule.request),
    is_paused: Number(schedule.isPaused),
    next_at: schedule.nextAtMs,
    last_job: schedule.lastJob,
    last_at: schedule.lastAtMs,
    problem: schedule.problem,
    created_at: schedule.createdAtMs,
  };
}

function scheduleOf(row: Selectable<SchedulesTable>): Schedule {
  return {
    id: row.id,
    tenant: row.tenant,
    name: row.name,
    cron: row.cron,
    timeZone: row.time_zone,
    team: row.team,
    request: JSON.parse(row.request) as Json,
    isPaused: row.is_paused === 1,
    nextAtMs: row.next_at,
    lastJob: row.last_job,
    lastAtMs: row.last_at,
    problem: row.problem,
    createdAtMs: row.created_at,
  };
}
