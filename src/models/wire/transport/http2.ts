import { type ClientHttp2Session, connect, constants, type IncomingHttpHeaders } from 'node:http2';
import type { Socket } from 'node:net';
import type { Connection } from './dial.ts';
import { type HeaderPairs, openExchange } from './exchange.ts';
import { type Http1Parts, idleMsMax } from './http1.ts';
import type { Outgoing } from './outgoing.ts';
import type { Pool, PoolLimits } from './pool.ts';
import { createQueue } from './queue.ts';
import { connectionError, neverSent, timeoutError } from './transport-error.ts';

/** Bytes a server may send ahead, on one answer and on all: the 64 kB of the standard make long ways slow. */
const windowBytes = Object.freeze({ stream: 1_048_576, connection: 16_777_216 });

/** What a pool of HTTP/2 is made of. */
export interface Http2Parts extends Http1Parts {
  readonly origin: string;
  readonly first: Connection;
}

/** One connection, and how many requests are out on it. */
interface Line {
  readonly session: ClientHttp2Session;
  streams: number;
}

/** Opens one origin's connections of HTTP/2: one, and another whenever all are full. */
export async function createHttp2Pool({ origin, dial, first, limits }: Http2Parts): Promise<Pool> {
  const lines = new Set<Line>();
  const queue = createQueue<Line>();
  let isDialling = false;

  async function add({ socket }: Connection): Promise<void> {
    // While this module was loaded for the first one, say: a session on it would never tell.
    if (socket.destroyed) throw new Error(`${origin} closed the connection before it spoke HTTP/2`);
    const session = openSession(socket, origin);
    const line: Line = { session, streams: 0 };
    const leave = (): void => void lines.delete(line);
    session.on('goaway', leave).on('close', leave).on('error', leave);
    await settingsOf(session, origin, limits.connectMsMax);
    // It may have closed since.
    if (session.closed || session.destroyed) return;
    makeReady(line);
    lines.add(line);
  }

  function serve(): void {
    queue.serve(() => takeSeat(lines));
    if (isDialling || queue.size() === 0 || lines.size >= limits.connectionsMax) return;
    isDialling = true;
    dial()
      .then(add)
      .catch((error: unknown) => queue.refuse(connectionError(neverSent(error))))
      .finally(() => {
        isDialling = false;
        serve();
      });
  }

  async function lineFor(signal: AbortSignal | null): Promise<Line> {
    const turn = queue.wait(signal);
    serve();
    return await turn;
  }

  await add(first);
  return {
    async send(outgoing) {
      const line = takeSeat(lines) ?? (await lineFor(outgoing.signal));
      const leave = (): void => {
        leaveSeat(line);
        serve();
      };
      const waiting = outgoing.beforeSend?.() ?? null;
      if (waiting !== null) {
        await stillOpen(waiting, line, outgoing).catch((error: unknown) => {
          leave();
          throw error;
        });
      }
      return send(outgoing, { line, limits, onClose: leave });
    },
    isInUse: () => queue.size() > 0 || lines.values().some(({ streams }) => streams > 0),
    close() {
      for (const { session } of lines) session.destroy();
    },
  };
}

function openSession(socket: Socket, origin: string): ClientHttp2Session {
  return connect(origin, {
    createConnection: () => socket,
    settings: { enablePush: false, initialWindowSize: windowBytes.stream },
  });
}

/** Waits for the server's settings: until then nobody knows how many requests it takes. */
function settingsOf(session: ClientHttp2Session, origin: string, waitMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const { host } = new URL(origin);
    const late = (): void => session.destroy(timeoutError(host, 'did not begin to speak HTTP/2', waitMs));
    const close = (): void => reject(new Error(`${host} closed the connection before it spoke HTTP/2`));
    session.setTimeout(waitMs, late);
    session.once('error', reject).once('close', close);
    session.once('remoteSettings', () => {
      session.off('timeout', late).off('error', reject).off('close', close);
      resolve();
    });
  });
}

function makeReady(line: Line): void {
  const { session } = line;
  session.setLocalWindowSize(windowBytes.connection);
  session.setTimeout(idleMsMax);
  session.on('timeout', () => {
    if (line.streams === 0) session.close();
  });
  // A connection that nobody uses does not keep a process alive.
  session.unref();
}

function takeSeat(lines: Iterable<Line>): Line | null {
  for (const line of lines) {
    // A server that sets no limit takes what comes (RFC 9113, 6.5.2).
    const { maxConcurrentStreams: streamsMax = Number.POSITIVE_INFINITY } = line.session.remoteSettings;
    if (line.session.closed || line.session.destroyed || line.streams >= streamsMax) continue;
    if (line.streams === 0) line.session.ref();
    line.streams += 1;
    return line;
  }
  return null;
}

function leaveSeat(line: Line): void {
  line.streams -= 1;
  if (line.streams === 0) line.session.unref();
}

/** Waits, and rejects where nothing can be sent after it. */
async function stillOpen(
  waiting: Promise<void>,
  { session }: Line,
  { url, signal }: Outgoing,
): Promise<void> {
  await waiting;
  signal?.throwIfAborted();
  if (!session.closed && !session.destroyed) return;
  throw connectionError(
    neverSent(new Error(`${url.host} closed the connection before the request was sent`)),
  );
}

interface Way {
  readonly line: Line;
  readonly limits: PoolLimits;
  readonly onClose: () => void;
}

function send(outgoing: Outgoing, { line, limits, onClose }: Way): Promise<Response> {
  const { url, method, headers, body } = outgoing;
  const named: Record<string, string> = { ':method': method, ':path': url.pathname + url.search };
  for (let at = 0; at + 1 < headers.length; at += 2) named[headers[at] ?? ''] = headers[at + 1] ?? '';
  const stream = line.session.request(named, { endStream: body === null });
  const hangUp = (): void => stream.close(constants.NGHTTP2_CANCEL);
  const { response, begin, fail, timeOut } = openExchange(outgoing, limits, hangUp);
  let hasAnswered = false;
  stream.setTimeout(limits.firstByteMsMax, timeOut);
  stream.on('error', fail);
  stream.on('response', (answered) => {
    hasAnswered = true;
    stream.setTimeout(limits.betweenBytesMsMax);
    begin({ code: answered[':status'] ?? 0, text: '' }, pairsOf(answered), stream);
  });
  stream.on('close', () => {
    if (!hasAnswered) fail(new Error('The connection closed before the answer'));
    onClose();
  });
  if (body !== null) stream.end(body);
  return response;
}

function pairsOf(headers: IncomingHttpHeaders): HeaderPairs {
  return Object.entries(headers)
    .filter(([name]) => !name.startsWith(':'))
    .flatMap(([name, value]) => [value ?? []].flat().map((each) => [name, each] as const));
}
