import { z } from '@hono/zod-openapi';
import type { JobRecord, Result } from '../../core/index.ts';
import type { Caller, JobDesk } from '../../jobs/index.ts';
import { json, type Reply, type Route, replyWith, route } from '../route.ts';
import { defined } from '../shapes/defined.ts';
import { jobOnWire, jobPath, jobShape } from '../shapes/job.ts';
import { replayShape } from '../shapes/replay.ts';
import { forkRequestOf, forkRequestShape } from '../shapes/request.ts';
import { jsonShape } from '../shapes/values.ts';
import { jobParamsShape } from './job-views.ts';

const topic = 'Jobs';

/** Routes that change what becomes of a job. */
export function jobActionRoutes(desk: JobDesk): readonly Route[] {
  return [
    commandRoute({
      name: 'cancel',
      summary: 'Cancel a job',
      description: 'A call in flight is cut short; what exists is kept. A running job ends soon after.',
      command: (caller, id) => desk.cancel(caller, id),
    }),
    commandRoute({
      name: 'retry',
      summary: 'Retry a job',
      description: 'A failed, cancelled or expired job goes on from where it stopped; nothing is paid twice.',
      command: (caller, id) => desk.retry(caller, id),
    }),
    forkRoute(desk),
    replayRoute(desk),
    signalRoute(desk),
  ];
}

interface Command {
  readonly name: string;
  readonly summary: string;
  readonly description: string;
  command(caller: Caller, id: string): Promise<Result<JobRecord>>;
}

function commandRoute({ name, summary, description, command }: Command): Route {
  return route({
    method: 'post',
    path: `/v1/jobs/{id}/${name}`,
    topic,
    summary,
    description,
    scope: 'jobs:write',
    params: jobParamsShape,
    answers: { 200: { description: 'The job', shape: jobShape } },
    problems: ['wrong-state'],
    async handle({ caller, params }): Promise<Reply> {
      return replyWith(await command(caller, params.id), (job) => json(jobOnWire(job)));
    },
  });
}

function forkRoute(desk: JobDesk): Route {
  return route({
    method: 'post',
    path: '/v1/jobs/{id}/fork',
    topic,
    summary: 'Fork a job',
    description:
      'Makes a new job that begins with what this one had recorded before a step, free of charge, and does the rest anew: with another model, other prompts or skills, or another brief.',
    scope: 'jobs:write',
    isAccept: true,
    params: jobParamsShape,
    body: forkRequestShape,
    answers: {
      202: { description: 'The new job', shape: jobShape, headers: { Location: 'Where the new job is.' } },
    },
    problems: ['wrong-state', 'wrong-team', 'unknown-model'],
    async handle({ caller, params, body }) {
      const forked = await desk.fork(caller, params.id, forkRequestOf(body));
      return replyWith(forked, (job) => json(jobOnWire(job), 202, { location: jobPath(job.id) }));
    },
  });
}

function replayRoute(desk: JobDesk): Route {
  return route({
    method: 'post',
    path: '/v1/jobs/{id}/replay',
    topic,
    summary: 'Replay a job',
    description:
      'Runs it again from its journal alone, without asking a model, and says what came out otherwise.',
    scope: 'jobs:write',
    isAccept: true,
    params: jobParamsShape,
    answers: { 200: { description: 'What was found', shape: replayShape } },
    problems: ['wrong-state', 'team-changed'],
    async handle({ caller, params }) {
      return replyWith(await desk.replay(caller, params.id), (replay) => json(replay));
    },
  });
}

const signalShape = z
  .strictObject({
    value: jsonShape.optional().openapi({ description: 'What the waiting step is given. Default: null.' }),
    key: z
      .string()
      .max(2_000)
      .optional()
      .openapi({ description: 'The one wait it is for; without it: any that waits for the name.' }),
    id: z
      .string()
      .min(1)
      .max(255)
      .optional()
      .openapi({ description: 'A second signal with it changes nothing.' }),
  })
  .openapi('Signal', { example: { value: { approved: true } } });

function signalRoute(desk: JobDesk): Route {
  return route({
    method: 'post',
    path: '/v1/jobs/{id}/signals/{name}',
    topic,
    summary: 'Signal a job',
    description: 'Answers what a parked job waits for. A signal that comes too early is kept for the wait.',
    scope: 'signals:write',
    params: jobParamsShape.extend({ name: z.string().openapi({ description: 'Name of the signal.' }) }),
    body: signalShape,
    isBodyOptional: true,
    answers: { 200: { description: 'The job', shape: jobShape } },
    problems: ['wrong-state'],
    async handle({ caller, params, body }) {
      const { value = null, key, id } = body;
      const sent = await desk.signal(caller, params.id, {
        name: params.name,
        value,
        ...defined({ key, id }),
      });
      return replyWith(sent, (job) => json(jobOnWire(job)));
    },
  });
}
