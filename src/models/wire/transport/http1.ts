import { Agent, type ClientRequest, request as openRequest } from 'node:http';
import type { Socket } from 'node:net';
import type { Connection } from './dial.ts';
import { type HeaderPairs, openExchange } from './exchange.ts';
import type { Outgoing } from './outgoing.ts';
import type { Pool, PoolLimits, PoolParts } from './pool.ts';
import { proxyAuthorization } from './proxy.ts';
import { createQueue } from './queue.ts';

/** How long an unused connection is kept, in ms: less than the 60 s after which load balancers drop them unseen. */
export const idleMsMax = 30_000;

/** What a pool of HTTP/1.1 is made of. */
export interface Http1Parts extends PoolParts {
  /** Opens one more connection. */
  readonly dial: () => Promise<Connection>;
  /** A connection that is open already. */
  readonly first?: Connection;
}

/** Opens one origin's connections of HTTP/1.1. */
export function createHttp1Pool({ proxy, limits, dial, first }: Http1Parts): Pool {
  const agent = new Agent({
    keepAlive: true,
    // The queue holds the limit: an agent does not count connections that are still being made.
    maxSockets: Number.POSITIVE_INFINITY,
    maxFreeSockets: limits.connectionsMax,
    // The one used last is the one that a server has least reason to have closed.
    scheduling: 'lifo',
    timeout: idleMsMax,
  });
  // All its connections lead to one origin. The usual name spells out host, port and more, thrice for each request.
  agent.getName = () => '';
  const takeSpare = first === undefined ? () => null : spare(first.socket);
  agent.createConnection = (_, opened) => {
    const kept = takeSpare();
    const ready = kept === null ? dial().then(({ socket }) => socket) : Promise.resolve(kept);
    ready.then(
      (socket) => opened?.(null, socket),
      (error: Error) => opened?.(error, undefined as never),
    );
    return undefined;
  };
  const queue = createQueue<true>();
  let used = 0;
  const take = (): true | null => {
    if (used >= limits.connectionsMax) return null;
    used += 1;
    return true;
  };
  const onClose = (): void => {
    used -= 1;
    // The agent has the connection back only after the request's last event.
    if (queue.size() > 0) queueMicrotask(() => queue.serve(take));
  };
  return {
    async send(outgoing) {
      if (take() === null) await queue.wait(outgoing.signal);
      return send(outgoing, { agent, limits, proxy, onClose });
    },
    isInUse: () => used > 0,
    close() {
      takeSpare()?.destroy();
      agent.destroy();
    },
  };
}

/** Keeps a connection that no request has yet: the one that wanted it may be gone. Gives it once, or null if it closed. */
function spare(socket: Socket): () => Socket | null {
  const end = (): void => void socket.destroy();
  let isKept = true;
  // One that nobody uses does not keep a process alive.
  socket.setTimeout(idleMsMax, end).unref();
  return () => {
    if (!isKept || socket.destroyed) return null;
    isKept = false;
    return socket.setTimeout(0, end).ref();
  };
}

interface Way {
  readonly agent: Agent;
  readonly limits: PoolLimits;
  readonly proxy: URL | null;
  readonly onClose: () => void;
}

function send(outgoing: Outgoing, way: Way): Promise<Response> {
  const { limits } = way;
  const request = open(outgoing, way);
  const { response, begin, fail, timeOut } = openExchange(outgoing, limits, () => request.destroy());
  request.on('error', fail);
  request.on('close', way.onClose);
  request.on('timeout', timeOut);
  request.on('response', (message) => {
    message.socket.setTimeout(limits.betweenBytesMsMax);
    const { statusCode: code = 0, statusMessage: text = '', rawHeaders } = message;
    begin({ code, text }, pairsOf(rawHeaders), message);
  });
  endOnceConnected(request, outgoing);
  return response;
}

/** Nothing is written before there is a connection, so that what comes before the writing is the latest there is. */
function endOnceConnected(request: ClientRequest, { body, beforeSend }: Outgoing): void {
  if (beforeSend === null) return void request.end(body);
  request.once('socket', () => {
    const waiting = beforeSend();
    if (waiting === null) request.end(body);
    else void waiting.then(() => request.destroyed || request.end(body));
  });
}

function open({ url, method, headers }: Outgoing, { agent, limits, proxy }: Way): ClientRequest {
  // Plain requests are spelt out to a proxy; others go through a tunnel that `dial` has dug.
  const viaProxy = url.protocol === 'http:' ? proxy : null;
  const named = viaProxy === null ? [] : Object.entries(proxyAuthorization(viaProxy)).flat();
  return openRequest({
    agent,
    method,
    path: viaProxy === null ? url.pathname + url.search : url.href,
    headers: ['host', url.host, ...headers, ...named],
    timeout: limits.firstByteMsMax,
  });
}

function pairsOf(raw: readonly string[]): HeaderPairs {
  const pairs: [string, string][] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) pairs.push([raw[at] ?? '', raw[at + 1] ?? '']);
  return pairs;
}
