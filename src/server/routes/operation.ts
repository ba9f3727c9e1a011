import { z } from '@hono/zod-openapi';
import type { Clock } from '../../core/index.ts';
import { gaugeLines, type HttpMetrics } from '../http/metrics.ts';
import type { StreamSlots } from '../http/stream-slots.ts';
import type { ServerParts } from '../parts.ts';
import { json, type Route, route } from '../route.ts';

/** What the routes for whoever operates a server need. */
export interface OperationParts extends Pick<ServerParts, 'desk' | 'store' | 'hot' | 'clock' | 'options'> {
  readonly metrics: ServerParts['metrics'];
  readonly http: HttpMetrics;
  readonly slots: StreamSlots;
  /** Fires when the server will close. */
  readonly draining: AbortSignal;
}

const topic = 'Operation';
/** How long the store may take to answer before it counts as gone: load balancers ask every few seconds. */
const pingMsMax = 2_000;

const healthShape = z.object({ status: z.literal('ok') }).openapi('Health', { example: { status: 'ok' } });
const readinessShape = z
  .object({ status: z.enum(['ready', 'draining', 'store-unreachable']) })
  .openapi('Readiness', { example: { status: 'ready' } });

/** Routes for whoever operates a server. */
export function operationRoutes(parts: OperationParts): readonly Route[] {
  return [healthRoute(), readinessRoute(parts), metricsRoute(parts)];
}

function healthRoute(): Route {
  return route({
    method: 'get',
    path: '/healthz',
    topic,
    summary: 'Check liveness',
    scope: null,
    answers: { 200: { description: 'It is', shape: healthShape } },
    async handle() {
      return json({ status: 'ok' });
    },
  });
}

function readinessRoute({ store, clock, draining }: OperationParts): Route {
  return route({
    method: 'get',
    path: '/readyz',
    topic,
    summary: 'Check readiness',
    description: 'It needs its store; the hot store may be gone.',
    scope: null,
    answers: {
      200: { description: 'It can', shape: readinessShape },
      503: { description: 'It drains, or its store does not answer', shape: readinessShape },
    },
    async handle() {
      if (draining.aborted) return json({ status: 'draining' }, 503);
      const answers = await answersSoon(() => store.ping(), clock);
      return answers ? json({ status: 'ready' }) : json({ status: 'store-unreachable' }, 503);
    },
  });
}

async function answersSoon(ping: () => Promise<void>, clock: Clock): Promise<boolean> {
  const over = new AbortController();
  const answered = ping().then(
    () => true,
    () => false,
  );
  const late = clock.sleep(pingMsMax, over.signal).then(() => false);
  const answers = await Promise.race([answered, late]);
  over.abort();
  return answers;
}

function metricsRoute(parts: OperationParts): Route {
  const { desk, options } = parts;
  return route({
    method: 'get',
    path: '/metrics',
    topic,
    summary: 'Get metrics (Prometheus)',
    description:
      'With a key: the jobs of its tenant, and nothing of others. Where none is asked for: all of the process. No tenant is ever named.',
    scope: options.hasOpenMetrics ? null : 'admin',
    answers: {
      200: { description: 'Prometheus’ text format', type: 'text/plain', shape: z.string() },
    },
    async handle({ caller }) {
      const isOfAll = options.hasOpenMetrics || caller.by === 'local';
      const counts = await desk.count(isOfAll ? null : caller);
      const states = Object.entries(counts).map(([state, value]) => ({ labels: { state }, value }));
      const lines = [
        ...gaugeLines('inspan_jobs', 'Jobs by state.', states),
        ...(isOfAll ? processLines(parts) : []),
      ];
      return new Response(`${lines.join('\n')}\n`, {
        headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
      });
    },
  });
}

/** What all tenants of a process do together: none of them may read it. */
function processLines({ hot, metrics, http, slots }: OperationParts): readonly string[] {
  const running = metrics.runningJobs();
  return [
    ...(running === null
      ? []
      : gaugeLines('inspan_worker_jobs', 'Jobs that the workers of this process hold.', [
          { value: running },
        ])),
    ...gaugeLines('inspan_event_streams', 'Event streams that are open.', [{ value: slots.open() }]),
    ...gaugeLines('inspan_hot_reachable', 'Whether the hot store answers.', [
      { value: hot.isReachable() ? 1 : 0 },
    ]),
    ...http.lines(),
  ];
}
