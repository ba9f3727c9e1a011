import type { BeforeSend } from '../../../core/index.ts';
import type { Fetch } from '../provider-fetch.ts';

/** A request as it goes on the wire. */
export interface Outgoing {
  readonly url: URL;
  readonly method: string;
  /** Names, in lower case, and values by turns; without those that belong to the connection. */
  readonly headers: readonly string[];
  readonly body: string | Uint8Array | null;
  readonly signal: AbortSignal | null;
  /** Called when there is a connection, right before the request is written; see `BeforeSend`. */
  readonly beforeSend: BeforeSend | null;
}

/** What a transport takes beside what the platform's `fetch` does. */
interface TransportInit extends RequestInit {
  readonly beforeSend?: BeforeSend | undefined;
}

/** Reads the arguments of `fetch`. */
export function readOutgoing(
  input: Parameters<Fetch>[0],
  init?: TransportInit,
): Outgoing | Promise<Outgoing> {
  const body = init?.body ?? null;
  const isPlain = typeof body === 'string' || body === null || body instanceof Uint8Array;
  if (!isPlain || !(typeof input === 'string' || input instanceof URL)) return readAny(input, init);
  return {
    url: new URL(input),
    method: init?.method ?? 'GET',
    headers: wireHeaders(pairsOf(init?.headers), body),
    body,
    signal: init?.signal ?? null,
    beforeSend: init?.beforeSend ?? null,
  };
}

/** Forms, files and streams: the platform knows how each is written. They are sent whole. */
async function readAny(input: Parameters<Fetch>[0], init?: TransportInit): Promise<Outgoing> {
  const request = new Request(input, init);
  const bytes = new Uint8Array(await request.arrayBuffer());
  const body = request.body === null ? null : bytes;
  const { url, method, headers, signal } = request;
  const beforeSend = init?.beforeSend ?? null;
  return { url: new URL(url), method, headers: wireHeaders(headers, body), body, signal, beforeSend };
}

/** What the connection says itself, whatever the caller says. */
const connectionHeaders: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'host',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);

type Pairs = Iterable<readonly [name: string, value: string]>;

/** Pairs are taken as they are: a list of them is what costs least to send again and again. */
function pairsOf(headers: RequestInit['headers']): Pairs {
  if (headers instanceof Headers) return headers;
  return Array.isArray(headers) ? (headers as [string, string][]) : new Headers(headers);
}

function wireHeaders(pairs: Pairs, body: string | Uint8Array | null): Outgoing['headers'] {
  const list: string[] = [];
  let saysEncoding = false;
  for (const [given, value] of pairs) {
    const name = given.toLowerCase();
    saysEncoding ||= name === 'accept-encoding';
    if (!connectionHeaders.has(name)) list.push(name, value);
  }
  // Compressed answers cost more to read than they save, and proxies hold compressed streams back until a block is full.
  if (!saysEncoding) list.push('accept-encoding', 'identity');
  if (body !== null) list.push('content-length', String(Buffer.byteLength(body)));
  return list;
}
