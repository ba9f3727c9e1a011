import type { Context } from 'hono';
import { type Failure, failure, InspanError, StorageError } from '../core/index.ts';
import type { Door } from './http/door.ts';
import type { WithForm } from './http/form-places.ts';
import { problemAnswer } from './http/problem.ts';
import { rate } from './http/rate-limit.ts';
import { readRequest } from './http/read-request.ts';
import type { ServerParts } from './parts.ts';
import type { Reply, Route, TextAnswer } from './route.ts';

/** What is known of a request while it is answered. */
export interface RequestFacts {
  readonly requestId: string;
  /** The pattern of its route. */
  route: string | null;
  /** Id of the key it came with. */
  key: string | null;
  /** For the head of its answer, whatever that is. */
  headers: Readonly<Record<string, string>>;
  /** Its answer, where that is known as a whole. */
  text: TextAnswer | null;
}

/** What a Hono context carries here. */
export interface ServerEnv {
  Bindings: { readonly facts: RequestFacts };
}

/** What answering takes. */
export interface AnswerParts extends Pick<ServerParts, 'hot' | 'clock' | 'options'> {
  readonly door: Door;
  readonly withForm: WithForm;
  /** Fires when the server will close. */
  readonly draining: AbortSignal;
}

/** Nothing was kept, so the same request may go to another server at once. */
const drains = failure('draining', 'This server is about to stop and takes no new jobs: try again.', {
  retryAfterMs: 2_000,
});

/** Whose requests are that ask without a key where none is asked for: nobody's. */
const nobody = Object.freeze({ tenant: '', by: 'nobody' });

/** Answers one request of a route: who asks, may they, how often, what; and only then does it. */
export async function answer(route: Route, context: Context<ServerEnv>, parts: AnswerParts): Promise<Reply> {
  const { facts } = context.env;
  facts.route = route.path;
  const request = context.req.raw;
  const admitted = route.scope === null ? null : await parts.door.admit(request, route.scope);
  if (admitted?.ok === false) return refuseKey(admitted.failure);
  const { caller, key } = admitted?.value ?? { caller: nobody, key: null };
  facts.key = key?.id ?? null;
  const rated = await rate(parts, key, route.isAccept === true);
  facts.headers = { ...facts.headers, ...rated.headers };
  if (rated.refusal !== null) return rated.refusal;
  if (route.isAccept === true && parts.draining.aborted) return { refused: [drains] };
  const params = context.req.param() as Record<string, string>;
  const { limits } = parts.options;
  const read = await readRequest(request, {
    route,
    params,
    limits,
    withForm: (work) => parts.withForm(facts.key, work),
  });
  if (!read.ok) return { refused: read.failures };
  return await route.handle({ caller, ...read.value, request });
}

function refuseKey(why: Failure): Reply {
  const challenge = { 'www-authenticate': 'Bearer realm="inspan"' };
  return why.code === 'no-key' ? { refused: [why], headers: challenge } : { refused: [why] };
}

/** What nobody expected: the operator is told what it was, the client how to find it again. */
export function brokenAnswer(
  error: unknown,
  { facts, parts }: { readonly facts: RequestFacts; readonly parts: Pick<ServerParts, 'report'> },
): TextAnswer {
  if (error instanceof InspanError) {
    const [first, ...more] = error.failures;
    if (first !== undefined) return problemAnswer({ refused: [first, ...more] }, facts.requestId);
  }
  // Whoever minds the store is told once: every request of an outage would say the same.
  if (error instanceof StorageError) return problemAnswer({ refused: [storeAway] }, facts.requestId);
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
  parts.report(
    `Request ${facts.requestId} (${facts.route ?? 'no route'}) broke: ${what.replace(/\s*\n\s*/g, ' ')}`,
  );
  const message = `Something broke here that should not. Try again; if it stays, tell the operator the request ${facts.requestId}.`;
  return problemAnswer({ refused: [failure('internal', message)] }, facts.requestId);
}

/** A database that restarts is back within seconds. */
const storeAway = failure(
  'storage-failed',
  'The database does not answer. What was accepted is kept and goes on by itself; try again in a moment.',
  { retryAfterMs: 2_000 },
);
