import { z } from '@hono/zod-openapi';
import type { FileContent } from '../../core/index.ts';
import type { JobDesk } from '../../jobs/index.ts';
import { json, type Route, replyWith, route } from '../route.ts';
import { fileInfoShape, fileOnWire } from '../shapes/file.ts';
import { jobOnWire, jobShape } from '../shapes/job.ts';
import { pageItemsMax } from '../shapes/page.ts';
import { resultOnWire, resultShape } from '../shapes/result.ts';
import { stepOnWire, stepShape } from '../shapes/step.ts';
import { idShape } from '../shapes/values.ts';

const topic = 'Jobs';

/** What names a job in a path. */
export const jobParamsShape = z.object({ id: idShape('Id of a job.') });

/** Routes that show a job, and what it has made. */
export function jobViewRoutes(desk: JobDesk): readonly Route[] {
  return [statusRoute(desk), resultRoute(desk), filesRoute(desk), fileRoute(desk), stepsRoute(desk)];
}

function statusRoute(desk: JobDesk): Route {
  return route({
    method: 'get',
    path: '/v1/jobs/{id}',
    topic,
    summary: 'Get a job',
    scope: 'jobs:read',
    params: jobParamsShape,
    answers: { 200: { description: 'The job', shape: jobShape } },
    async handle({ caller, params }) {
      const status = await desk.status(caller, params.id);
      return replyWith(status, ({ job, progress }) => json(jobOnWire(job, progress)));
    },
  });
}

function resultRoute(desk: JobDesk): Route {
  return route({
    method: 'get',
    path: '/v1/jobs/{id}/result',
    topic,
    summary: 'Get the result',
    description: 'Of a job that has ended, however it ended.',
    scope: 'jobs:read',
    params: jobParamsShape,
    answers: { 200: { description: 'The result', shape: resultShape } },
    problems: ['wrong-state'],
    async handle({ caller, params }) {
      const output = await desk.output(caller, params.id);
      return replyWith(output, (value) => json(resultOnWire(value.job, value.output)));
    },
  });
}

function filesRoute(desk: JobDesk): Route {
  return route({
    method: 'get',
    path: '/v1/jobs/{id}/files',
    topic,
    summary: 'List files',
    description: 'Those it was given and those it has written so far.',
    scope: 'jobs:read',
    params: jobParamsShape,
    answers: {
      200: {
        description: 'The files, by path',
        shape: z.object({ items: z.array(fileInfoShape) }).openapi('FileList'),
      },
    },
    async handle({ caller, params }) {
      const files = await desk.files(caller, params.id);
      return replyWith(files, (items) => json({ items: items.map((file) => fileOnWire(params.id, file)) }));
    },
  });
}

function fileRoute(desk: JobDesk): Route {
  return route({
    method: 'get',
    path: '/v1/jobs/{id}/files/{path}',
    topic,
    summary: 'Get a file',
    scope: 'jobs:read',
    params: jobParamsShape.extend({
      path: z.string().openapi({ description: 'Path of the file, slashes included.' }),
    }),
    headers: { 'If-None-Match': 'The `ETag` you have: 304 when the file has not changed since.' },
    answers: {
      200: {
        description: 'Its bytes: as text/plain where they are UTF-8, else as application/octet-stream',
        type: 'text/plain',
        shape: z.string(),
        headers: { ETag: 'Hash of the bytes.' },
      },
      304: { description: 'Not changed' },
    },
    problems: ['file-not-found', 'path-refused'],
    async handle({ caller, params, request: { headers } }) {
      const file = await desk.file(caller, params.id, params.path);
      return replyWith(file, (content) => fileAnswer(content, headers.get('if-none-match')));
    },
  });
}

function fileAnswer({ bytes, hash, path }: FileContent, known: string | null): Response {
  const etag = `"${hash}"`;
  const headers = { etag, 'cache-control': 'private, no-cache' };
  if (known !== null && knows(known, etag)) return new Response(null, { status: 304, headers });
  const name = encodeURIComponent(path.split('/').at(-1) ?? 'file');
  return new Response(new Uint8Array(bytes), {
    headers: {
      ...headers,
      'content-type': isText(bytes) ? 'text/plain; charset=utf-8' : 'application/octet-stream',
      'content-disposition': `inline; filename*=UTF-8''${name}`,
      // What a model wrote is shown as text, and never run by a browser.
      'content-security-policy': "default-src 'none'; sandbox",
    },
  });
}

/** Weak tags are compared as strong ones (RFC 9110, 13.1.2). */
function knows(header: string, etag: string): boolean {
  return header === '*' || header.split(',').some((each) => each.trim().replace(/^W\//, '') === etag);
}

function isText(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    // Not UTF-8, so it is no text to us.
    return false;
  }
}

function stepsRoute(desk: JobDesk): Route {
  return route({
    method: 'get',
    path: '/v1/jobs/{id}/steps',
    topic,
    summary: 'List steps',
    description: 'What was done, in its order, and what it cost; a fork names a step of it by its key.',
    scope: 'jobs:read',
    params: jobParamsShape,
    query: z.strictObject({
      after: z.coerce.number().int().min(0).default(0).openapi({ description: '`next` of the page before.' }),
      limit: z.coerce.number().int().min(1).max(pageItemsMax).default(100),
    }),
    answers: {
      200: {
        description: 'One page',
        shape: z
          .object({
            items: z.array(stepShape),
            next: z
              .int()
              .nullable()
              .openapi({ description: '`after` of the next page; null on the last one.' }),
          })
          .openapi('StepPage'),
      },
    },
    async handle({ caller, params, query }) {
      const steps = await desk.steps(caller, params.id, query);
      return replyWith(steps, (found) => {
        const next = found.length < query.limit ? null : (found.at(-1)?.seq ?? null);
        return json({ items: found.map(stepOnWire), next });
      });
    },
  });
}
