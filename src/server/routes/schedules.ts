import { z } from '@hono/zod-openapi';
import type { JobDesk } from '../../jobs/index.ts';
import { json, type Route, replyWith, route } from '../route.ts';
import { defined } from '../shapes/defined.ts';
import { jobRequestOf } from '../shapes/request.ts';
import { scheduleOnWire, scheduleRequestShape, scheduleShape } from '../shapes/schedule.ts';
import { idShape } from '../shapes/values.ts';

const topic = 'Schedules';
const paramsShape = z.object({ id: idShape('Id of a schedule.') });
const one = { 200: { description: 'The schedule', shape: scheduleShape } };

/** Routes for jobs that come back by the clock. */
export function scheduleRoutes(desk: JobDesk): readonly Route[] {
  return [
    makeRoute(desk),
    listRoute(desk),
    showRoute(desk),
    pauseRoute(desk, true),
    pauseRoute(desk, false),
    removeRoute(desk),
  ];
}

function makeRoute(desk: JobDesk): Route {
  return route({
    method: 'post',
    path: '/v1/schedules',
    topic,
    summary: 'Create a schedule',
    description: 'Each time it comes, its request is brought as a job. Missed times are made up for once.',
    scope: 'schedules:write',
    body: scheduleRequestShape,
    answers: {
      201: { description: 'The schedule', shape: scheduleShape, headers: { Location: 'Where it is.' } },
    },
    problems: ['not-found', 'key-conflict'],
    async handle({ caller, body }) {
      const { name, cron, timeZone, request } = body;
      const wanted = { name, cron, request: jobRequestOf(request), ...defined({ timeZone }) };
      return replyWith(await desk.addSchedule(caller, wanted), (schedule) =>
        json(scheduleOnWire(schedule), 201, { location: `/v1/schedules/${encodeURIComponent(schedule.id)}` }),
      );
    },
  });
}

function listRoute(desk: JobDesk): Route {
  return route({
    method: 'get',
    path: '/v1/schedules',
    topic,
    summary: 'List schedules',
    scope: 'jobs:read',
    answers: {
      200: {
        description: 'All of them',
        shape: z.object({ items: z.array(scheduleShape) }).openapi('ScheduleList'),
      },
    },
    async handle({ caller }) {
      return json({ items: (await desk.schedules(caller)).map(scheduleOnWire) });
    },
  });
}

function showRoute(desk: JobDesk): Route {
  return route({
    method: 'get',
    path: '/v1/schedules/{id}',
    topic,
    summary: 'Get a schedule',
    scope: 'jobs:read',
    params: paramsShape,
    answers: one,
    async handle({ caller, params }) {
      return replyWith(await desk.schedule(caller, params.id), (found) => json(scheduleOnWire(found)));
    },
  });
}

function pauseRoute(desk: JobDesk, isPaused: boolean): Route {
  return route({
    method: 'post',
    path: `/v1/schedules/{id}/${isPaused ? 'pause' : 'resume'}`,
    topic,
    summary: isPaused ? 'Pause a schedule' : 'Resume a schedule',
    scope: 'schedules:write',
    params: paramsShape,
    answers: one,
    async handle({ caller, params }) {
      const changed = await desk.pauseSchedule(caller, params.id, isPaused);
      return replyWith(changed, (schedule) => json(scheduleOnWire(schedule)));
    },
  });
}

function removeRoute(desk: JobDesk): Route {
  return route({
    method: 'delete',
    path: '/v1/schedules/{id}',
    topic,
    summary: 'Delete a schedule',
    description: 'Its jobs stay.',
    scope: 'schedules:write',
    params: paramsShape,
    answers: { 204: { description: 'Removed' } },
    async handle({ caller, params }) {
      return replyWith(
        await desk.removeSchedule(caller, params.id),
        () => new Response(null, { status: 204 }),
      );
    },
  });
}
