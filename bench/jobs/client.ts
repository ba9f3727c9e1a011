/** Whoever uses the API, in a process of its own: sends requests at a pace, or as fast as they are answered. */
import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type Connections, openConnections } from './connections.ts';
import { clockMs, type Pace } from './pacer.ts';
import { answerCalls } from './peer.ts';

/** What is asked for again and again. */
export interface Asking {
  readonly method: 'GET' | 'POST';
  /** Asked in turn; all of one server. */
  readonly urls: readonly string[];
  readonly body?: string;
  readonly ms: number;
}

/** How long answers took, and how many came in a second. Whatever is no success makes the bench fail. */
export interface Latencies {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** What a client can be asked. */
export interface ClientCalls {
  /** Sends a request whenever it is its time, whether or not the last one was answered. From when it was due. */
  openLoop(asking: Asking, perSecond: number): Promise<Latencies>;
  /** Sends the next one when the last one of its connection was answered. */
  closedLoop(asking: Asking, connections: number): Promise<Latencies>;
}

/**
 * Before anything counts: connections are made, code is compiled. V8 compiles what is asked for a thousand times a second
 * for the last time after some ten thousand requests, hundreds of functions within half a second (`node --trace-opt`).
 */
const warmUpMs = 12_000;
/** Until a pacer has started. */
const startMs = 200;

answerCalls<ClientCalls>({
  openLoop: (asking, perSecond) => measure(asking, (asked, ms) => sendAtPace(asked, ms, perSecond)),
  closedLoop: (asking, connections) => measure(asking, (asked, ms) => sendInTurn(asked, ms, connections)),
});

interface Asked {
  readonly connections: Connections;
  /** As they go over the wire, in turn. */
  readonly requests: readonly Buffer[];
}

async function measure(
  asking: Asking,
  send: (asked: Asked, ms: number) => Promise<Latencies>,
): Promise<Latencies> {
  const [first = ''] = asking.urls;
  const connections = openConnections(new URL(first));
  const asked = { connections, requests: asking.urls.map((url) => requestOf(asking, new URL(url))) };
  await send(asked, warmUpMs);
  const latencies = await send(asked, asking.ms);
  connections.close();
  return latencies;
}

function requestOf({ method, body }: Asking, { host, pathname, search }: URL): Buffer {
  const content =
    body === undefined
      ? ''
      : `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n`;
  return Buffer.from(
    `${method} ${pathname}${search} HTTP/1.1\r\nhost: ${host}\r\n${content}\r\n${body ?? ''}`,
  );
}

async function sendAtPace(
  { connections, requests }: Asked,
  ms: number,
  perSecond: number,
): Promise<Latencies> {
  const count = Math.round((ms / 1000) * perSecond);
  const fromMs = clockMs() + startMs;
  const pace: Pace = { fromMs, count, everyMs: 1000 / perSecond };
  const pacer = new Worker(join(import.meta.dirname, 'pacer.ts'), { workerData: pace });
  const answers: Promise<number>[] = [];
  pacer.on('message', (dueMs: number) => {
    const request = requestAt(requests, answers.length);
    answers.push(connections.send(request).then(() => clockMs() - dueMs));
  });
  await once(pacer, 'exit');
  return latenciesOf(await Promise.all(answers), clockMs() - fromMs);
}

async function sendInTurn({ connections, requests }: Asked, ms: number, atOnce: number): Promise<Latencies> {
  const fromMs = clockMs();
  const all: number[] = [];
  let place = 0;
  const one = async (): Promise<void> => {
    while (clockMs() - fromMs < ms) {
      const sentAtMs = clockMs();
      await connections.send(requestAt(requests, place++));
      all.push(clockMs() - sentAtMs);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, one));
  return latenciesOf(all, clockMs() - fromMs);
}

function requestAt(requests: readonly Buffer[], place: number): Buffer {
  const request = requests[place % requests.length];
  if (request === undefined) throw new Error('Nothing is asked for');
  return request;
}

function latenciesOf(ms: readonly number[], elapsedMs: number): Latencies {
  const sorted = ms.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? 0;
  return { perSecond: (ms.length * 1000) / elapsedMs, p50Ms: at(0.5), p99Ms: at(0.99) };
}
