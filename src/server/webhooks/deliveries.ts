import type { Clock, Delivery, DeliveryAttempt, Webhook, WebhookStore } from '../../core/index.ts';
import type { PostAnswer, PostMessage } from './post-message.ts';
import { retryAfter } from './retries.ts';
import { signWebhook } from './signature.ts';

/** What delivers messages. */
export interface DeliveriesOptions {
  readonly store: WebhookStore;
  readonly clock: Clock;
  readonly post: PostMessage;
  /** From 0 up to 1. */
  random(): number;
  /** Tells the operator, in one line. The store's own trouble: a message that is refused stands in its log. */
  report(line: string): void;
}

/** Deliveries that go on until they are closed. */
export interface RunningDeliveries {
  /** Stops taking deliveries and ends those under way; others make them when their lease is over. */
  close(): Promise<void>;
}

/** How long a receiver may take to answer; Standard Webhooks suggests 15 to 30 s. */
const answerMsMax = 15_000;
/** Longer than a try can take, so that nobody else makes it meanwhile. */
const leaseMs = 60_000;
/** How often due deliveries are looked for. */
const pollMs = 1000;
/** Tries at once, and of one webhook: those whose receiver is slow leave room for all others. */
const triesMax = 32;
const triesPerWebhookMax = 4;

/**
 * Delivers what is due until it was taken or given up. At least once, with the same id each time.
 * A receiver that answers 410 (Gone) pauses its webhook.
 */
export function startDeliveries(options: DeliveriesOptions): RunningDeliveries {
  const closing = new AbortController();
  const delivering = deliverAll(options, closing.signal);
  return {
    async close() {
      closing.abort();
      await delivering;
    },
  };
}

async function deliverAll(options: DeliveriesOptions, signal: AbortSignal): Promise<void> {
  const { clock } = options;
  const busy = new Map<Promise<void>, string>();
  while (!signal.aborted) {
    const taken = await takeSome(options, [...busy.values()]);
    for (const delivery of taken) {
      const work = deliverOne(options, delivery, signal).finally(() => busy.delete(work));
      busy.set(work, delivery.webhook);
    }
    const waiting = new AbortController();
    const either = AbortSignal.any([signal, waiting.signal]);
    // Whoever is done makes room: there may be more to take at once.
    await Promise.race([clock.sleep(pollMs, either), ...busy.keys()]);
    waiting.abort();
  }
  await Promise.all(busy.keys());
}

async function takeSome(
  { store, clock, report }: DeliveriesOptions,
  busy: readonly string[],
): Promise<readonly Delivery[]> {
  const limit = triesMax - busy.length;
  if (limit <= 0) return [];
  const without = [...new Set(busy)].filter(
    (webhook) => busy.filter((each) => each === webhook).length >= triesPerWebhookMax,
  );
  try {
    return await store.take(clock.now(), leaseMs, { limit, perWebhookMax: triesPerWebhookMax, without });
  } catch (error) {
    report(`Webhook deliveries could not be read: ${lineOf(error)}`);
    return [];
  }
}

/** A try that could not be kept is made again when its lease is over: better twice than never. */
async function deliverOne(
  options: DeliveriesOptions,
  delivery: Delivery,
  signal: AbortSignal,
): Promise<void> {
  const { store, report } = options;
  try {
    const webhook = await store.find(delivery.tenant, delivery.webhook);
    if (webhook === null || signal.aborted) return;
    const attempt = await attemptOnce(options, { delivery, webhook, signal });
    if (attempt !== null) await keepAttempt(options, delivery, attempt);
  } catch (error) {
    report(`The delivery ${delivery.id} could not be kept: ${lineOf(error)}`);
  }
}

/** Null where it was ended from here: that says nothing about the receiver. */
async function attemptOnce(
  { clock, post }: DeliveriesOptions,
  {
    delivery,
    webhook,
    signal,
  }: { readonly delivery: Delivery; readonly webhook: Webhook; readonly signal: AbortSignal },
): Promise<DeliveryAttempt | null> {
  const atMs = clock.now();
  const { id, payload } = delivery;
  const ended = new AbortController();
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'Inspan',
    ...signWebhook({ id, atMs, payload }, webhook.secret),
  };
  const stop = AbortSignal.any([signal, ended.signal]);
  const posting = post({ url: webhook.url, headers, payload, signal: stop });
  // Wakes when this closes, too: whoever waits for a receiver must never wait for ever.
  const late = clock.sleep(answerMsMax, stop).then(() => (signal.aborted ? endedAnswer : lateAnswer));
  const answer = await Promise.race([posting, late]);
  ended.abort();
  if (signal.aborted && answer.status === null) return null;
  return { atMs, status: answer.status, elapsedMs: clock.now() - atMs, problem: problemOf(answer) };
}

const lateAnswer: PostAnswer = Object.freeze({
  status: null,
  problem: `Nobody answered within ${answerMsMax / 1000} s.`,
});

/** Ended from here: it says nothing about the receiver. */
const endedAnswer: PostAnswer = Object.freeze({ status: null, problem: 'The server closed.' });

function problemOf({ status, problem }: PostAnswer): string | null {
  if (status === null) return problem;
  if (status >= 200 && status < 300) return null;
  if (status === 410) return 'It answered 410 (Gone): the webhook was paused.';
  if (status >= 300 && status < 400)
    return `It answered ${status}: redirects are not followed, change the address.`;
  return `It answered ${status}.`;
}

async function keepAttempt(
  { store, clock, random }: DeliveriesOptions,
  { id, tenant, webhook, attempts }: Delivery,
  attempt: DeliveryAttempt,
): Promise<void> {
  if (attempt.problem === null) {
    return await store.keepAttempt(id, attempt, { state: 'delivered', nextAtMs: null });
  }
  if (attempt.status === 410) {
    await store.change(tenant, webhook, { isPaused: true });
    return await store.keepAttempt(id, attempt, { state: 'failed', nextAtMs: null });
  }
  const waitMs = retryAfter(attempts.length + 1, random());
  await store.keepAttempt(
    id,
    attempt,
    waitMs === null
      ? { state: 'failed', nextAtMs: null }
      : { state: 'waiting', nextAtMs: clock.now() + waitMs },
  );
}

function lineOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';
}
