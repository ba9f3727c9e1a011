import { type Context, Hono } from 'hono';
import { cors } from 'hono/cors';
import { failure } from '../core/index.ts';
import { type AnswerParts, answer, brokenAnswer, type RequestFacts, type ServerEnv } from './answer.ts';
import { docsRoutes } from './docs/docs-routes.ts';
import { type ApiDocument, apiDocument } from './docs/open-api.ts';
import { responseOf, withHead } from './http/answered.ts';
import { guardOpenServer } from './http/browser-guard.ts';
import { createDoor, type Door } from './http/door.ts';
import { createFormPlaces } from './http/form-places.ts';
import { createHttpMetrics, type HttpMetrics } from './http/metrics.ts';
import { problemAnswer } from './http/problem.ts';
import { shown } from './http/read-bytes.ts';
import { createStreamSlots } from './http/stream-slots.ts';
import type { ServerParts } from './parts.ts';
import { type Answered, type Refusal, type Reply, type Route, refuse } from './route.ts';
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
  fetch(request: Request): Promise<Response>;
  /** As `fetch`, for who can send an answer that is known as a whole without a `Response`. */
  answer(request: Request): Promise<Answered>;
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
  const mounting = { parts, door, http, draining: draining.signal };
  const answer = around(mount(routes, mounting), mounting);
  const close = (): void => {
    drain();
    closing.abort();
  };
  const fetch = async (request: Request): Promise<Response> => responseOf(await answer(request), request);
  return { document, routes, drain, close, answer, fetch };
}

interface Mounting {
  readonly parts: ServerParts;
  readonly door: Door;
  readonly http: HttpMetrics;
  /** Fires when the server will close. */
  readonly draining: AbortSignal;
}

/** Finds the route of a request and has it answered. */
type Routed = (request: Request, facts: RequestFacts) => Promise<Answered>;

function mount(routes: readonly Route[], { parts, door, draining }: Mounting): Routed {
  const app = new Hono<ServerEnv>();
  const { allowedOrigins, limits } = parts.options;
  if (allowedOrigins.length > 0) app.use(cors(corsOf(allowedOrigins)));
  const answering: AnswerParts = { ...parts, door, draining, withForm: createFormPlaces(limits) };
  // Hono passes responses on: the facts carry a text past it, so that none has to be made for it.
  const empty = new Response(null);
  const passOn = (reply: Reply, { facts }: ServerEnv['Bindings']): Response => {
    if (reply instanceof Response) return reply;
    facts.text = 'refused' in reply ? problemAnswer(reply, facts.requestId) : reply;
    return empty;
  };
  for (const route of routes) {
    app.on(route.method.toUpperCase(), routingPath(route), async (context) =>
      passOn(await answer(route, context, answering), context.env),
    );
  }
  app.notFound((context) => passOn(unknownRoute(routes, context), context.env));
  // Whoever asks for a route answers for what broke there.
  app.onError((error) => {
    throw error;
  });
  return async (request, facts) => {
    const response = await app.fetch(request, { facts });
    if (facts.text === null) return response;
    // What was added to it on its way: the headers for pages of other origins.
    return response === empty ? facts.text : withHead(facts.text, Object.fromEntries(response.headers));
  };
}

function routingPath({ path }: Route): string {
  return path.replace('/{path}', '/:path{.+}').replace(/\{(\w+)\}/g, ':$1');
}

/** What happens around every request: its id, the guard of an open server, head, log and metrics. */
function around(routed: Routed, mounting: Mounting): ServerApp['answer'] {
  const { parts, http, draining } = mounting;
  const { clock, newId, log } = parts;
  return async (request) => {
    const requestId = givenId(request) ?? `req_${newId()}`;
    const startedAtMs = clock.now();
    const facts: RequestFacts = { requestId, route: null, key: null, headers: {}, text: null };
    const answered = await guarded(routed, { request, facts, mounting });
    const complete = withHead(answered, {
      ...standardHead,
      ...facts.headers,
      'x-request-id': requestId,
      // Whoever comes again finds another server.
      ...(draining.aborted ? { connection: 'close' } : {}),
    });
    const { status } = complete;
    const { route, key } = facts;
    const method = methodOf(request);
    const elapsedMs = clock.now() - startedAtMs;
    http.count({ method, route: route ?? 'none', status, elapsedMs });
    log({ method, route, status, elapsedMs, requestId, key });
    return complete;
  };
}

async function guarded(
  routed: Routed,
  {
    request,
    facts,
    mounting: { door, parts },
  }: { readonly request: Request; readonly facts: RequestFacts; readonly mounting: Mounting },
): Promise<Answered> {
  try {
    if (!(await door.isOpen())) return await routed(request, facts);
    facts.headers = { 'inspan-auth': 'open' };
    const allowed = guardOpenServer(request, parts.options);
    if (allowed.ok) return await routed(request, facts);
    return problemAnswer({ refused: [allowed.failure] }, facts.requestId);
  } catch (error) {
    return brokenAnswer(error, { facts, parts });
  }
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

function unknownRoute(routes: readonly Route[], { req: { path, method } }: Context): Refusal {
  const found = routes.filter((route) => patternOf(route).test(path));
  if (found.length === 0) {
    const message = `There is nothing at ${shown(path)}. See /docs for what there is.`;
    return refuse(failure('not-found', message));
  }
  const allow = found.flatMap(({ method }) => (method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()]));
  const message = `${shown(path)} takes ${allow.join(', ')}, not ${shown(method)}.`;
  return { refused: [failure('wrong-method', message)], headers: { allow: allow.join(', ') } };
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
