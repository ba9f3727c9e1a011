import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Json } from '../../src/core/index.ts';

/** A server on loopback that answers one way, and what it was asked. */
export interface Served {
  /** Without a path. */
  readonly origin: string;
  /** Ends in `/v1`. */
  readonly baseUrl: string;
  readonly bodies: { readonly [key: string]: Json }[];
  readonly paths: string[];
  readonly headers: IncomingMessage['headers'][];
  /** How many connections have been opened to it. */
  connections(): number;
  /** Resolves when a client has hung up, or has been answered to the end. */
  readonly hungUp: Promise<void>;
  close(): void;
}

/** Answers every request with `answer` until the test ends, and keeps what was asked. */
export async function serve(answer: (response: ServerResponse, path: string) => void): Promise<Served> {
  const [bodies, paths, headers]: [Served['bodies'], string[], Served['headers']] = [[], [], []];
  const gone = Promise.withResolvers<void>();
  let connections = 0;
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const body = Buffer.concat(parts).toString();
      if (body !== '') bodies.push(JSON.parse(body) as { [key: string]: Json });
      paths.push(request.url ?? '');
      headers.push(request.headers);
      response.on('close', () => gone.resolve());
      answer(response, request.url ?? '');
    });
  });
  server.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  onTestFinished(close);
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    baseUrl: `${origin}/v1`,
    bodies,
    paths,
    headers,
    connections: () => connections,
    hungUp: gone.promise,
    close,
  };
}

/** Answers with one JSON document, or with text as it is. */
export function answering(
  status: number,
  body: Json,
  headers: Record<string, string> = {},
): (response: ServerResponse) => void {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
}

/** Writes server-sent events that have no names. */
export function sse(events: readonly Json[]): string {
  return events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('');
}

/** Answers with a stream of text, to its end. */
export function streamingText(
  text: string,
  headers: Record<string, string> = {},
): (response: ServerResponse) => void {
  return (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', ...headers });
    response.end(text);
  };
}
