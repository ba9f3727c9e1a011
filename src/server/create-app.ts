import { type Context, Hono } from 'hono';
import { cors } from 'hono/cors';
import { failure } from '../core/index.ts';
import { type AnswerParts, answer, brokenResponse, type RequestFacts, type ServerEnv } from './answer.ts';
import { docsRoutes } from './docs/docs-routes.ts';
import { type ApiDocument, apiDocument } from './docs/open-api.ts';
import { guardOpenServer } from './http/browser-guard.ts';
import { createDoor, type Door } from './http/door.ts';
import { createFormPlaces } from './http/form-places.ts';
import { createHttpMetrics, type HttpMetrics } from './http/metrics.ts';
import { problemResponse } from './http/problem.ts';
import { shown } from './http/read-bytes.ts';
import { createStreamSlots } from './http/stream-slots.ts';
import type { ServerParts } from './parts.ts';
import type { Route } from './route.ts';
import { auditRoute } from './routes/audit.ts';
import { jobActionRoutes } from './routes/job-actions.ts';
import { jobEventsRoute } from './routes/job-events.ts';
import { jobListRoutes } from './routes/job-list.ts';
import { jobViewRoutes } from './routes/job-views.ts';
import { keyRoutes } from './routes/keys.ts';
import { operationRoutes } from './routes/operation.ts';
import { scheduleRoutes } from './routes/schedules.ts';
import { teamRoutes } from './routes/teams.ts';
import { deliveryRoutes, webhookRoutes } from './routes/webhooks.ts';

/** The API as a function from requests to answers, wherever they come from. */
export interface ServerApp {
  fetch(request: Request): Response | Promise<Response>;
  /** Every route, described (OpenAPI 3.1). */
  readonly document: ApiDocument;
  readonly routes: readonly Route[];
  /** Says that the server will close: `/readyz` tells, connections are not kept, and new jobs go elsewhere. */
  drain(): void;
  /** Drains, and ends event streams: the server closes now. */
  close(): void;
}

/** Puts the API together. It opens no port. */
export function createApp(parts: ServerParts): ServerApp {
  const draining = new AbortController();
  const closing = new AbortController();
  const drain = (): void => draining.abort();
  const door = createDoor(parts);
  const http = createHttpMetrics();
  const slots = createStreamSlots(parts.options.limits);
  const { desk } = parts;
  const made = (): void => door.forget();
  const api: readonly Route[] = [
    ...jobListRoutes(desk),
    ...jobViewRoutes(desk),
    jobEventsRoute({ ...parts, door, slots, closing: closing.signal }),
    ...jobActionRoutes(desk),
    ...teamRoutes(desk),
    ...scheduleRoutes(desk),
    ...webhookRoutes(parts),
    ...deliveryRoutes(parts),
    ...keyRoutes({ ...parts, made }),
    auditRoute(desk),
    ...operationRoutes({ ...parts, http, slots, draining: draining.signal }),
  ];
  const document = apiDocument([...api, ...docsRoutes(() => document)]);
  const routes = [...api, ...docsRoutes(() => document)];
  const app = mount(routes, { parts, door, http, draining: draining.signal });
  const close = (): void => {
    drain();
    closing.abort();
  };
  return { document, routes, drain, close, fetch: (request) => app.fetch(request) };
}

interface Mounting {
  readonly parts: ServerParts;
  readonly door: Door;
  readonly http: HttpMetrics;
  /** Fires when the server will close. */
  readonly draining: AbortSignal;
}

function mount(routes: readonly Route[], mounting: Mounting): Hono<ServerEnv> {
  const { parts, door, draining } = mounting;
  const app = new Hono<ServerEnv>();
  const { allowedOrigins, limits } = parts.options;
  app.use(around(mounting));
  if (allowedOrigins.length > 0) app.use(cors(corsOf(allowedOrigins)));
  const answering: AnswerParts = { ...parts, door, draining, withForm: createFormPlaces(limits) };
  for (const route of routes) {
    app.on(route.method.toUpperCase(), routingPath(route), (context) => answer(route, context, answering));
  }
  app.notFound((context) => unknownRoute(routes, context));
  app.onError((error, context) => brokenResponse(error, { facts: context.get('facts'), parts }));
  return app;
}

function routingPath({ path }: Route): string {
  return path.replace('/{path}', '/:path{.+}').replace(/\{(\w+)\}/g, ':$1');
}

/** What happens around every request: its id, the guard of an open server, head, log and metrics. */
function around({ parts, door, http, draining }: Mounting) {
  const { clock, options, newId, log } = parts;
  return async (context: Context<ServerEnv>, next: () => Promise<void>): Promise<void> => {
    const request = context.req.raw;
    const requestId = givenId(request) ?? `req_${newId()}`;
    const facts: RequestFacts = { requestId, startedAtMs: clock.now(), route: null, key: null, headers: {} };
    context.set('facts', facts);
    const isOpen = await door.isOpen();
    const guarded = isOpen ? guardOpenServer(request, options) : { ok: true as const };
    if (guarded.ok) await next();
    else context.res = problemResponse({ refused: [guarded.failure] }, requestId);
    const head = { ...standardHead, ...facts.headers, 'x-request-id': requestId };
    for (const [name, value] of Object.entries(head)) {
      if (!context.res.headers.has(name)) context.res.headers.set(name, value);
    }
    if (isOpen) context.res.headers.set('inspan-auth', 'open');
    // Whoever comes again finds another server.
    if (draining.aborted) context.res.headers.set('connection', 'close');
    const { status } = context.res;
    const { route, key } = facts;
    const method = methodOf(request);
    const elapsedMs = clock.now() - facts.startedAtMs;
    http.count({ method, route: route ?? 'none', status, elapsedMs });
    log({ method, route, status, elapsedMs, requestId, key });
  };
}

const standardHead: Readonly<Record<string, string>> = Object.freeze({
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
});

/** An id that may be echoed and logged: nothing else that a client sends is. */
function givenId({ headers }: Request): string | null {
  const given = headers.get('x-request-id');
  return given !== null && /^[\w.:-]{1,128}$/.test(given) ? given : null;
}

const methods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Clients may make methods up; metrics and logs know a closed set. */
function methodOf({ method }: Request): string {
  return methods.has(method) ? method : 'other';
}

function unknownRoute(routes: readonly Route[], context: Context<ServerEnv>): Response {
  const { requestId } = context.get('facts');
  const path = context.req.path;
  const found = routes.filter((route) => patternOf(route).test(path));
  if (found.length === 0) {
    const message = `There is nothing at ${shown(path)}. See /docs for what there is.`;
    return problemResponse({ refused: [failure('not-found', message)] }, requestId);
  }
  const allow = found.flatMap(({ method }) => (method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()]));
  const message = `${shown(path)} takes ${allow.join(', ')}, not ${shown(context.req.method)}.`;
  return problemResponse(
    { refused: [failure('wrong-method', message)], headers: { allow: allow.join(', ') } },
    requestId,
  );
}

function patternOf({ path }: Route): RegExp {
  const pattern = path
    .replaceAll('.', '\\.')
    .replace('/{path}', '/.+')
    .replace(/\{\w+\}/g, '[^/]+');
  return new RegExp(`^${pattern}$`);
}

function corsOf(allowedOrigins: readonly string[]) {
  return {
    origin: [...allowedOrigins],
    allowMethods: ['GET', 'POST', 'PATCH', 'DELETE'],
    allowHeaders: [
      'authorization',
      'content-type',
      'idempotency-key',
      'if-none-match',
      'last-event-id',
      'x-request-id',
    ],
    exposeHeaders: [
      'content-disposition',
      'etag',
      'location',
      'retry-after',
      'x-request-id',
      'idempotent-replayed',
      'inspan-auth',
      'ratelimit-limit',
      'ratelimit-remaining',
      'ratelimit-reset',
    ],
    maxAge: 600,
  };
}
