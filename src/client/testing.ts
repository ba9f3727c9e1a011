import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ownPlatform, type Platform } from './platform.ts';

export { createEventReader } from './event-stream.ts';

/** A request as a test's server saw it. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** Answers one request of a test. */
export type Answer = (response: ServerResponse, request: SeenRequest) => void;

/** A server on loopback that answers as a test says, request by request. */
export interface ScriptedServer {
  readonly url: string;
  readonly seen: readonly SeenRequest[];
  close(): Promise<void>;
}

/** Opens a server; the last answer stands for all requests that come after it. */
export async function openScriptedServer(answers: readonly Answer[]): Promise<ScriptedServer> {
  const seen: SeenRequest[] = [];
  const server = createServer((incoming, response) => {
    void readRequest(incoming).then((request) => {
      seen.push(request);
      answers[Math.min(seen.length, answers.length) - 1]?.(response, request);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function readRequest(incoming: IncomingMessage): Promise<SeenRequest> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Uint8Array);
  const { pathname, searchParams } = new URL(incoming.url ?? '/', 'http://server');
  const { method = '', headers } = incoming;
  return { method, path: pathname, query: searchParams, headers, body: Buffer.concat(chunks) };
}

/** Answers with JSON. */
export function json(
  value: unknown,
  {
    status = 200,
    headers = {},
  }: { readonly status?: number; readonly headers?: Record<string, string> } = {},
): Answer {
  return (response) => {
    const type = status < 400 ? 'application/json' : 'application/problem+json';
    response.writeHead(status, { 'content-type': type, ...headers }).end(JSON.stringify(value));
  };
}

/** Answers with an event stream and ends it; `isCut`: breaks the connection instead. */
export function eventStream(text: string, { isCut = false }: { readonly isCut?: boolean } = {}): Answer {
  return (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(text, () => (isCut ? response.destroy() : response.end()));
  };
}

/** Breaks the connection without a word. */
export const hangUp: Answer = (response) => void response.destroy();

/** A platform on which short waits are over at once, and known; long ones, which only guard, never end. */
export function createHastyPlatform(): Platform & { readonly waits: readonly number[] } {
  const waits: number[] = [];
  let [nowMs, ids] = [1_000_000, 0];
  return {
    ...ownPlatform,
    waits,
    now: () => nowMs,
    random: () => 0.5,
    newId: () => `id-${++ids}`,
    sleep: async (ms, signal) => {
      if (ms > 10_000) return await ownPlatform.sleep(2 ** 30, signal);
      waits.push(ms);
      nowMs += ms;
    },
  };
}
