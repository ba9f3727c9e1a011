import type { IncomingMessage } from 'node:http';
import type { Json } from '../../core/index.ts';
import type { HttpCall } from './wire.ts';

/** The largest body that is read, in bytes: twice what any provider takes, so that wires can refuse in their own words. */
export const bodyBytesMax = 64 * 1024 * 1024;

/** Reads an HTTP request whole. A body that is too large is read to its end, so that the client hears why. */
export async function readCall(
  message: IncomingMessage,
  signal: AbortSignal,
): Promise<HttpCall | 'too-large'> {
  const url = urlOf(message);
  const chunks: Buffer[] = [];
  let bytesSize = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    bytesSize += chunk.length;
    if (bytesSize <= bodyBytesMax) chunks.push(chunk);
    else chunks.length = 0;
  }
  if (bytesSize > bodyBytesMax) return 'too-large';
  return {
    method: message.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers: headersOf(message),
    body: parseBody(Buffer.concat(chunks).toString('utf8')),
    bytesSize,
    signal,
  };
}

/** The host does not matter: whatever reaches this server is meant for it. */
function urlOf({ url = '/' }: IncomingMessage): URL {
  const base = 'http://127.0.0.1';
  const path = url.startsWith('/') ? url : '/';
  return URL.parse(`${base}${path}`) ?? new URL(base);
}

function headersOf({ headers }: IncomingMessage): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value = '']) => [
      name,
      Array.isArray(value) ? value.join(', ') : value,
    ]),
  );
}

function parseBody(text: string): Json | undefined {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return 'unreadable';
    throw error;
  }
}
