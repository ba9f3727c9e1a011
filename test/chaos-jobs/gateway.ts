import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hashJson, isJsonObject, type Json } from '../../src/core/index.ts';
import { costTold } from './bill.ts';
import { orderOf } from './orders.ts';

/** A model call that reached the provider. */
export interface SeenCall {
  readonly order: string;
  readonly agent: string;
  /** Which process asked. */
  readonly process: string;
  /** The same for the same question: everything but where prompt caches are marked. */
  readonly question: string;
  readonly askedAtMs: number;
  /** What the provider bills for it; null while the answer is not whole, or when its reader went away before. */
  readonly costMicroUsd: number | null;
}

/** Stands between workers and the provider, and sees who asks what. */
export interface Gateway {
  /** The provider's address for one process. */
  urlFor(process: string): string;
  /** In the order in which they came. */
  calls(): readonly SeenCall[];
  /** What went wrong between the two. */
  problems(): readonly string[];
  close(): Promise<void>;
}

/** A call whose answer is still to come. */
type Noted = Omit<SeenCall, 'costMicroUsd'> & { costMicroUsd: number | null };

/** Opens a gateway to a provider. Each order is a customer of its own there, so that it gets its own bill. */
export async function openGateway(provider: string): Promise<Gateway> {
  const calls: Noted[] = [];
  const problems: string[] = [];
  const server = createServer((incoming, response) => {
    void readAll(incoming).then((body) => {
      const seen = describe(incoming.url ?? '', body);
      if (seen === null) problems.push(`A request to ${incoming.url ?? ''} is about no order.`);
      else calls.push(seen);
      pass({ incoming, response, body, provider, key: `order-${seen?.order ?? 'none'}` }, (answer) => {
        if (seen !== null) seen.costMicroUsd = costTold(answer);
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    urlFor: (process) => `http://127.0.0.1:${port}/${process}`,
    calls: () => calls,
    problems: () => problems,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function readAll(incoming: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  incoming.on('data', (piece: Buffer) => pieces.push(piece));
  await new Promise<void>((resolve) => incoming.once('close', resolve));
  return Buffer.concat(pieces).toString();
}

function describe(url: string, body: string): Noted | null {
  const order = orderOf(body);
  const agent = /You are the (\w+)\./.exec(body)?.[1];
  if (order === null || agent === undefined) return null;
  return {
    order,
    agent,
    process: url.split('/')[1] ?? '',
    question: hashJson(unmarked(JSON.parse(body) as Json)),
    askedAtMs: Date.now(),
    costMicroUsd: null,
  };
}

/** What a process knows of warm caches decides where it marks them: that is no part of the question. */
function unmarked(value: Json): Json {
  if (Array.isArray(value)) return value.map(unmarked);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]) =>
      name === 'cache_control' ? [] : [[name, unmarked(inner as Json)] as const],
    ),
  );
}

interface Passage {
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
  readonly body: string;
  readonly provider: string;
  readonly key: string;
}

/** Passes a request on and its answer back; whoever hangs up is hung up on. */
function pass({ incoming, response, body, provider, key }: Passage, onWhole: (answer: string) => void): void {
  const path = (incoming.url ?? '').replace(/^\/[^/]+/, '');
  const headers = { ...incoming.headers, 'x-api-key': key, host: new URL(provider).host };
  const outgoing = forward(`${provider}${path}`, { method: incoming.method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    let text = '';
    answer.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
      response.write(piece);
    });
    answer.once('end', () => {
      response.end();
      if (!response.destroyed) onWhole(text);
    });
    answer.once('error', () => response.destroy());
  });
  outgoing.once('error', () => response.destroy());
  response.once('close', () => outgoing.destroy());
  outgoing.end(body);
}
