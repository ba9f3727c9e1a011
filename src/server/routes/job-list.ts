import { z } from '@hono/zod-openapi';
import { type Failure, failure, type JobQuery } from '../../core/index.ts';
import type { JobDesk } from '../../jobs/index.ts';
import { json, type Route, refuse, route } from '../route.ts';
import { defined } from '../shapes/defined.ts';
import { estimateOnWire, estimateShape } from '../shapes/estimate.ts';
import { jobOnWire, jobPath, jobShape, stateShape } from '../shapes/job.ts';
import { pageOnWire, pageQueryShape, pageShape } from '../shapes/page.ts';
import { type JobRequestOnWire, jobRequestOf, jobRequestShape } from '../shapes/request.ts';
import { givenMomentShape } from '../shapes/values.ts';

const topic = 'Jobs';

/** Routes that bring jobs in and find them again. */
export function jobListRoutes(desk: JobDesk): readonly Route[] {
  return [acceptRoute(desk), listRoute(desk), estimateRoute(desk)];
}

function acceptRoute(desk: JobDesk): Route {
  return route({
    method: 'post',
    path: '/v1/jobs',
    topic,
    summary: 'Create a job',
    description:
      'Once the answer is there the job is kept for good, whatever happens to the server. Send JSON, or a form with a field `request` (the same JSON) and one field for each file.',
    scope: 'jobs:write',
    isAccept: true,
    takesForm: true,
    headers: {
      'Idempotency-Key':
        'At most 255 characters. The same key with the same request is the same job; with another request it is refused.',
    },
    body: jobRequestShape,
    answers: {
      202: { description: 'Accepted', shape: jobShape, headers: { Location: 'Where the job is.' } },
      200: {
        description: 'Accepted before, with the same idempotency key',
        shape: jobShape,
        headers: { Location: 'Where the job is.', 'Idempotent-Replayed': '`true`' },
      },
    },
    problems: ['not-found', 'key-conflict', 'wrong-team', 'unknown-model'],
    async handle({ caller, body, files, request: { headers } }) {
      const key = headers.get('idempotency-key') ?? undefined;
      const wrong = [...wrongKey(key), ...wrongFiles(body, files)];
      const [first, ...more] = wrong;
      if (first !== undefined) return refuse(first, ...more);
      const request = jobRequestOf(body, key);
      const accepting = await desk.accept(caller, { ...request, ...withFiles(request.files, files) });
      if (!accepting.ok) return { refused: accepting.failures };
      const { job, isKnown } = accepting.value;
      const location = { location: jobPath(job.id) };
      return isKnown
        ? json(jobOnWire(job), 200, { ...location, 'idempotent-replayed': 'true' })
        : json(jobOnWire(job), 202, location);
    },
  });
}

function withFiles<File>(
  own: Readonly<Record<string, File>> | undefined,
  files: Readonly<Record<string, Uint8Array>>,
): { readonly files?: Readonly<Record<string, File | Uint8Array>> } {
  if (Object.keys(files).length === 0) return {};
  return { files: { ...own, ...files } };
}

function wrongKey(key: string | undefined): readonly Failure[] {
  if (key === undefined || /^[\x21-\x7e]{1,255}$/.test(key)) return [];
  return [
    failure('wrong-input', 'The Idempotency-Key takes 1 to 255 visible ASCII characters: send another.'),
  ];
}

function wrongFiles(
  { files = {} }: JobRequestOnWire,
  fields: Readonly<Record<string, Uint8Array>>,
): readonly Failure[] {
  const twice = Object.keys(files).filter((name) => Object.hasOwn(fields, name));
  return twice.map(() =>
    failure('wrong-input', 'A file comes both in the request and as a field of the form: send it once.'),
  );
}

const listQueryShape = pageQueryShape.extend({
  state: z
    .union([stateShape, z.array(stateShape)])
    .optional()
    .openapi({ description: 'One or several.' }),
  team: z.string().max(255).optional(),
  label: z
    .union([z.string(), z.array(z.string()).max(32)])
    .optional()
    .openapi({ description: '`name:value`; several: all of them.' }),
  createdAfter: givenMomentShape.optional(),
  createdBefore: givenMomentShape.optional(),
});

function listRoute(desk: JobDesk): Route {
  return route({
    method: 'get',
    path: '/v1/jobs',
    topic,
    summary: 'List jobs',
    description: 'Newest first.',
    scope: 'jobs:read',
    query: listQueryShape,
    answers: { 200: { description: 'One page', shape: pageShape(jobShape).openapi('JobPage') } },
    async handle({ caller, query }) {
      const wanted = queryOf(query);
      if (wanted === null) {
        return refuse(failure('wrong-input', 'label (query): write name:value, for example customer:acme.'));
      }
      return json(pageOnWire(await desk.list(caller, wanted), (job) => jobOnWire(job)));
    },
  });
}

function queryOf(query: z.infer<typeof listQueryShape>): JobQuery | null {
  const { state, label = [], team, cursor, limit, createdAfter, createdBefore } = query;
  const pairs = [label].flat().map((each) => /^([^:]+):(.*)$/s.exec(each)?.slice(1));
  if (pairs.includes(undefined)) return null;
  return {
    limit,
    ...defined({
      team,
      cursor,
      states: state === undefined ? undefined : [state].flat(),
      labels:
        pairs.length === 0 ? undefined : (Object.fromEntries(pairs as string[][]) as Record<string, string>),
      createdAfterMs: createdAfter === undefined ? undefined : Date.parse(createdAfter),
      createdBeforeMs: createdBefore === undefined ? undefined : Date.parse(createdBefore),
    }),
  };
}

function estimateRoute(desk: JobDesk): Route {
  return route({
    method: 'post',
    path: '/v1/estimates',
    topic,
    summary: 'Estimate a job',
    description: 'Checks and sizes a request as if it were brought, and keeps nothing.',
    scope: 'jobs:write',
    isAccept: true,
    body: jobRequestShape,
    answers: { 200: { description: 'The estimate', shape: estimateShape } },
    problems: ['not-found', 'wrong-team', 'unknown-model'],
    async handle({ caller, body }) {
      const estimating = await desk.estimate(caller, jobRequestOf(body));
      return estimating.ok ? json(estimateOnWire(estimating.value)) : { refused: estimating.failures };
    },
  });
}
