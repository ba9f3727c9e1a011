import { OpenAPIHono, type RouteConfig, z } from '@hono/zod-openapi';
import { type FailureCode, failureCodes } from '../../core/index.ts';
import { problemType } from '../http/problem.ts';
import type { Answer, Route } from '../route.ts';
import { problemShape } from '../shapes/problem.ts';
import { jobRequestShape } from '../shapes/request.ts';
import { basicShapes } from '../shapes/values.ts';

/** The description of the API as plain data (OpenAPI 3.1). */
export type ApiDocument = ReturnType<OpenAPIHono['getOpenAPI31Document']>;

/** Describes every route of the API. */
export function apiDocument(routes: readonly Route[]): ApiDocument {
  const app = new OpenAPIHono();
  app.openAPIRegistry.registerComponent('securitySchemes', 'key', {
    type: 'http',
    scheme: 'bearer',
    description:
      'An API key, `Authorization: Bearer ik_…`. On loopback none is asked for until the first one is made.',
  });
  for (const [name, shape] of Object.entries(basicShapes)) app.openAPIRegistry.register(name, shape);
  for (const each of routes) app.openAPIRegistry.registerPath(pathOf(each));
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Inspan',
      // Of the API, not of the package: it changes only when the paths do.
      version: '1',
      description: 'Teams of LLM agents as durable jobs: create one, follow it, fetch what it made.',
    },
    servers: [{ url: '/' }],
  });
}

/** A name for each route that stays the same when its words are mended. */
export function operationIdOf({ method, path }: Pick<Route, 'method' | 'path'>): string {
  const words = path.split('/').filter((part) => part !== '' && part !== 'v1');
  const spoken = words.map((part) =>
    part.startsWith('{') ? `by-${part.slice(1, -1)}` : part.replace('.', '-'),
  );
  return [method, ...spoken].join('-');
}

function pathOf(route: Route): RouteConfig {
  const { method, path, topic, summary, description, scope, params, query } = route;
  const notes = [description, scope === null ? undefined : `Scope: \`${scope}\`.`]
    .filter(Boolean)
    .join('\n\n');
  return {
    method,
    path,
    operationId: operationIdOf(route),
    tags: [topic],
    summary,
    ...(notes === '' ? {} : { description: notes }),
    security: scope === null ? [] : [{ key: [] }],
    request: {
      ...(params === undefined ? {} : { params }),
      ...(query === undefined ? {} : { query }),
      ...(route.headers === undefined ? {} : { headers: headersOf(route.headers) }),
      ...(route.body === undefined ? {} : { body: bodyOf(route) }),
    },
    responses: { ...answersOf(route), ...problemsOf(route) },
  };
}

function headersOf(headers: Readonly<Record<string, string>>): z.ZodObject {
  const fields = Object.entries(headers).map(([name, description]) => [
    name,
    z.string().optional().openapi({ description }),
  ]);
  return z.object(Object.fromEntries(fields) as Record<string, z.ZodType>);
}

function bodyOf({ body, isBodyOptional, takesForm }: Route) {
  const form = z
    .object({ request: jobRequestShape })
    .catchall(z.string().openapi({ format: 'binary' }))
    .openapi({ description: '`request`: the request as JSON. Every other field: a file by its name.' });
  return {
    required: isBodyOptional !== true,
    content: {
      'application/json': { schema: body ?? z.unknown() },
      ...(takesForm === true ? { 'multipart/form-data': { schema: form } } : {}),
    },
  };
}

function answersOf({ answers }: Route): RouteConfig['responses'] {
  return Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, answerOf(answer)]));
}

function answerOf({ description, shape, type = 'application/json', headers }: Answer) {
  return {
    description,
    ...(headers === undefined ? {} : { headers: headersOf(headers) }),
    ...(shape === undefined ? {} : { content: { [type]: { schema: shape } } }),
  };
}

/** Every code a route may answer, by its status. */
function problemsOf(route: Route): RouteConfig['responses'] {
  const byStatus = Map.groupBy(codesOf(route), (code) => failureCodes[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      status,
      {
        description: codes.map((code) => `\`${code}\``).join(', '),
        content: { [problemType]: { schema: problemShape } },
      },
    ]),
  );
}

/** The codes that a route may answer: its own, and those that follow from what it takes. */
export function codesOf({ scope, params, query, body, problems = [] }: Route): readonly FailureCode[] {
  const isRead = params !== undefined || query !== undefined || body !== undefined;
  const codes: readonly FailureCode[] = [
    ...(isRead ? (['wrong-input'] as const) : []),
    ...(scope === null ? [] : (['no-key', 'not-allowed', 'too-many-requests'] as const)),
    ...(params === undefined ? [] : (['not-found'] as const)),
    ...(body === undefined ? [] : (['too-large', 'wrong-type'] as const)),
    ...problems,
    'internal',
  ];
  return [...new Set(codes)];
}
