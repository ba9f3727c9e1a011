/** Whoever uses the API, in a process of its own: sends requests at a pace, or as fast as they are answered. */
import { Agent, request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { answerCalls } from './peer.ts';

/** What is asked for again and again. */
export interface Asking {
  readonly method: 'GET' | 'POST';
  /** Asked in turn. */
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

const agent = new Agent({ keepAlive: true, maxSockets: 256 });
/** Before anything counts: connections are made, code is compiled. */
const warmUpMs = 2_000;

answerCalls<ClientCalls>({
  async openLoop(asking, perSecond) {
    await sendAtPace({ ...asking, ms: warmUpMs }, perSecond);
    return await sendAtPace(asking, perSecond);
  },
  async closedLoop(asking, connections) {
    await sendInTurn({ ...asking, ms: warmUpMs }, connections);
    return await sendInTurn(asking, connections);
  },
});

async function sendAtPace(asking: Asking, perSecond: number): Promise<Latencies> {
  const began = performance.now();
  const count = Math.round((asking.ms / 1000) * perSecond);
  const answers: Promise<number>[] = [];
  for (let place = 0; place < count; ) {
    const dueMs = began + (place * 1000) / perSecond;
    const now = performance.now();
    if (now < dueMs) {
      await wait(Math.max(1, Math.floor(dueMs - now)));
      continue;
    }
    answers.push(send(asking, place).then(() => performance.now() - dueMs));
    place += 1;
  }
  return latencies(await Promise.all(answers), performance.now() - began);
}

async function sendInTurn(asking: Asking, connections: number): Promise<Latencies> {
  const began = performance.now();
  const all: number[] = [];
  let place = 0;
  const one = async (): Promise<void> => {
    while (performance.now() - began < asking.ms) {
      const sentAt = performance.now();
      await send(asking, place++);
      all.push(performance.now() - sentAt);
    }
  };
  await Promise.all(Array.from({ length: connections }, one));
  return latencies(all, performance.now() - began);
}

function latencies(ms: readonly number[], elapsedMs: number): Latencies {
  const sorted = ms.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? 0;
  return { perSecond: (ms.length * 1000) / elapsedMs, p50Ms: at(0.5), p99Ms: at(0.99) };
}

function send(asking: Asking, place: number): Promise<void> {
  const { method, urls, body } = asking;
  return new Promise((resolve, reject) => {
    const head = body === undefined ? {} : { 'content-type': 'application/json' };
    const sent = request(urls[place % urls.length] ?? '', { method, agent, headers: head }, (response) => {
      const { statusCode = 0 } = response;
      response.resume().once('end', resolve);
      if (statusCode >= 300) reject(new Error(`${method} was answered with ${statusCode}`));
    });
    sent.once('error', (error) => {
      // A server may close a connection that has been idle just as it is used again: then another one is tried.
      if (sent.reusedSocket && 'code' in error && error.code === 'ECONNRESET') resolve(send(asking, place));
      else reject(error);
    });
    sent.end(body);
  });
}
