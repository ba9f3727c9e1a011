import type { ServerResponse } from 'node:http';
import type { Clock, Usage } from '../../core/index.ts';
import { brokenFrames, brokenJson } from './malformed.ts';
import type { Delivery, Frame, HttpAnswer } from './wire.ts';

/** Where an answer goes, and by which clock it waits. */
export interface Way {
  readonly response: ServerResponse;
  /** Fires when the client hangs up. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

type WholeAnswer = Extract<HttpAnswer, { readonly type: 'whole' }>;
type StreamAnswer = Extract<HttpAnswer, { readonly type: 'stream' }>;

/**
 * Tells an answer, or what its mishap lets through, and settles what was told.
 * Accounts are settled in the same step that hands over the last piece: whoever has heard it can look at them.
 */
export async function deliver(answer: HttpAnswer, way: Way): Promise<void> {
  if (answer.type === 'stream') await deliverStream(answer, way);
  else if (answer.delivery === undefined) sendWhole(answer, way);
  else await deliverWhole(answer, answer.delivery, way);
}

/** An overload in the middle cannot strike what is told at once. */
async function deliverWhole(answer: WholeAnswer, delivery: Delivery, way: Way): Promise<void> {
  const { response, signal, clock } = way;
  const { outputTokens = 0, reasoningTokens = 0 } = delivery.usage ?? {};
  await waitFor(delivery.firstByteMs + generationMs(delivery, outputTokens + reasoningTokens), way);
  if (signal.aborted) return delivery.settle(null);
  delivery.begun();
  const body = bodyOf(answer);
  switch (delivery.mishap?.type) {
    case 'cut':
      response.writeHead(answer.status, { ...headersOf(answer), 'content-length': Buffer.byteLength(body) });
      await write(body.slice(0, Math.floor(body.length * delivery.mishap.at)), way);
      delivery.settle(null);
      return cutOff(way);
    case 'stall':
      response.writeHead(answer.status, headersOf(answer)).flushHeaders();
      delivery.settle(null);
      return await clock.sleep(Number.POSITIVE_INFINITY, signal);
    case 'malformed':
      delivery.settle(null);
      response.writeHead(answer.status, headersOf(answer)).end(brokenJson(body));
      return;
    default:
      delivery.settle(delivery.usage ?? null);
      return sendWhole(answer, way);
  }
}

function sendWhole(answer: WholeAnswer, { response }: Way): void {
  response.writeHead(answer.status, headersOf(answer)).end(bodyOf(answer));
}

function bodyOf({ body }: WholeAnswer): string {
  return typeof body === 'string' ? body : JSON.stringify(body);
}

function headersOf({ headers, body }: WholeAnswer): Readonly<Record<string, string>> {
  const type = typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json';
  const isSaid = Object.keys(headers).some((name) => name.toLowerCase() === 'content-type');
  return isSaid ? headers : { 'content-type': type, ...headers };
}

async function deliverStream(answer: StreamAnswer, way: Way): Promise<void> {
  const { response, signal, clock } = way;
  const { delivery } = answer;
  await waitFor(delivery.firstByteMs, way);
  if (signal.aborted) return delivery.settle(null);
  delivery.begun();
  response.writeHead(answer.status, answer.headers).flushHeaders();
  const told = await tellFrames(framesTold(answer), delivery, way);
  delivery.settle(told);
  if (signal.aborted) return;
  switch (delivery.mishap?.type) {
    case 'cut':
      await write('', way);
      return cutOff(way);
    case 'stall':
      return await clock.sleep(Number.POSITIVE_INFINITY, signal);
    default:
      response.end();
  }
}

/** The frames that are written, the broken or breaking-down one at their end included. */
function framesTold({ frames, overloadedFrame, delivery: { mishap } }: StreamAnswer): readonly Frame[] {
  if (mishap === null) return frames;
  const count = Math.floor(frames.length * mishap.at);
  switch (mishap.type) {
    case 'cut':
    case 'stall':
      return frames.slice(0, count);
    case 'overloaded':
      return [...frames.slice(0, count), overloadedFrame];
    case 'malformed':
      return brokenFrames(frames, count);
  }
}

/** Writes frames as fast as they are made. Gives the usage that the client knows then. */
async function tellFrames(frames: readonly Frame[], delivery: Delivery, way: Way): Promise<Usage | null> {
  const { signal, clock } = way;
  const startedMs = clock.now();
  let tokens = 0;
  let told: Usage | null = null;
  for (const frame of delivery.tokensPerSecond === 0 ? joined(frames) : frames) {
    tokens += frame.tokens;
    // Waiting for a moment, not for a span, keeps the pace however late each timer fires.
    await waitFor(startedMs + generationMs(delivery, tokens) - clock.now(), way);
    if (signal.aborted) return told;
    const written = write(frame.text, way);
    told = frame.reports ?? told;
    // The last piece is not waited for: its account is settled before the client can have it.
    if (frame !== frames.at(-1) && delivery.tokensPerSecond > 0) await written;
  }
  return told;
}

function joined(frames: readonly Frame[]): readonly Frame[] {
  const reports = frames.findLast((frame) => frame.reports !== undefined)?.reports;
  const text = frames.map((frame) => frame.text).join('');
  if (text === '') return [];
  return [{ text, tokens: 0, ...(reports === undefined ? {} : { reports }) }];
}

function generationMs({ tokensPerSecond }: Delivery, tokens: number): number {
  return tokensPerSecond === 0 ? 0 : (tokens * 1000) / tokensPerSecond;
}

/** Timers know whole milliseconds only. */
async function waitFor(ms: number, { clock, signal }: Way): Promise<void> {
  if (ms >= 1) await clock.sleep(Math.round(ms), signal);
}

/** Resolves when the bytes have left, or when nobody takes them any more. */
async function write(text: string, { response, signal }: Way): Promise<void> {
  if (signal.aborted) return;
  const left = Promise.withResolvers<void>();
  const done = () => left.resolve();
  signal.addEventListener('abort', done, { once: true });
  response.write(text, done);
  await left.promise;
  signal.removeEventListener('abort', done);
}

/** Ends the connection as a breakdown does: without the rest, after what was written. */
function cutOff({ response }: Way): void {
  response.socket?.destroySoon();
}
