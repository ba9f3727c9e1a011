import { once } from 'node:events';
import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { type Clock, fail, ok, type Result } from '../core/index.ts';
import { createApp, type ServerApp } from './create-app.ts';
import { sendText } from './http/answered.ts';
import { answerBrokenRequests } from './http/broken-request.ts';
import { isLoopback } from './http/browser-guard.ts';
import { keyCommand } from './keys/key-command.ts';
import { defaultLimits, type ServerLimits } from './limits.ts';
import type { ServerOptions, ServerParts, StorageKind } from './parts.ts';

/** A server at work. */
export interface RunningServer {
  /** `http://127.0.0.1:7420`. */
  readonly url: string;
  /** Says that it will close: `/readyz` tells, new jobs are refused, and connections are not kept. */
  drain(): void;
  /** Takes no more requests, ends event streams, and waits for what is under way, at most as long as its limit. */
  close(): Promise<void>;
}

/** Where a server listens. */
export interface ListenOptions {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly limits: ServerLimits;
  readonly clock: Clock;
  /** A new id without a prefix. */
  newId(): string;
}

/** What starts a server: its parts, and only those options that differ from the default. */
export interface StartServerOptions extends Omit<ServerParts, 'options'> {
  readonly host: string;
  readonly port: number;
  readonly storage: StorageKind;
  readonly allowedOrigins?: readonly string[];
  readonly hasOpenMetrics?: boolean;
  readonly hasPrivateWebhooks?: boolean;
  readonly limits?: Partial<ServerLimits>;
}

/**
 * Starts the API. On loopback it is open until the first key is made; anywhere else it refuses to start without keys
 * (`wrong-config`).
 */
export async function startServer(given: StartServerOptions): Promise<Result<RunningServer>> {
  const { host, port, ...parts } = given;
  const limits = { ...defaultLimits, ...given.limits };
  const isOpen = isLoopback(host);
  const { storage } = given;
  if (!isOpen && !(await parts.store.keys.any())) {
    const message = `Without API keys the server does not listen on ${host}: make one with "${keyCommand(storage, 'stopped')}", or listen on 127.0.0.1.`;
    return fail('wrong-config', message);
  }
  const { allowedOrigins = [], hasOpenMetrics = false, hasPrivateWebhooks = false } = given;
  const options: ServerOptions = {
    isOpen,
    storage,
    allowedOrigins,
    hasOpenMetrics,
    hasPrivateWebhooks,
    limits,
  };
  const { clock, newId } = parts;
  return await serve(createApp({ ...parts, options }), { host, port, limits, clock, newId });
}

/** Opens a port for the API; `wrong-config` where it is taken or the host is not of this machine. */
export async function serve(app: ServerApp, options: ListenOptions): Promise<Result<RunningServer>> {
  const { host, port, limits } = options;
  const server = createAdaptorServer({
    async fetch(request, { outgoing }) {
      const answer = await app.answer(request);
      if (answer instanceof Response) return answer;
      sendText(outgoing as ServerResponse, answer);
      return RESPONSE_ALREADY_SENT;
    },
    hostname: host,
    // The process belongs to whoever started the server, and so do its globals.
    overrideGlobalObjects: false,
    serverOptions: {
      headersTimeout: limits.headersMsMax,
      requestTimeout: limits.requestMsMax,
      keepAliveTimeout: limits.idleMsMax,
      // How often slow requests are looked for.
      connectionsCheckingInterval: Math.min(1_000, limits.requestMsMax),
    },
  }) as Server;
  answerBrokenRequests(server, options);
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (error) {
    return fail('wrong-config', `The server cannot listen on ${host}:${port}: ${reasonOf(error)}`);
  }
  const at = server.address() as AddressInfo;
  const shownHost = at.family === 'IPv6' ? `[${at.address}]` : at.address;
  const url = `http://${shownHost}:${at.port}`;
  return ok({ url, drain: app.drain, close: closing(server, app, options) });
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (code === 'EADDRINUSE') return 'the port is taken; name another with --port.';
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return 'this machine has no such address.';
  if (code === 'EACCES') return 'this user may not open the port; name one above 1023.';
  throw error;
}

/** Closes once, however often it is asked to. */
function closing(server: Server, app: ServerApp, { clock, limits }: ListenOptions): () => Promise<void> {
  let closed: Promise<void> | null = null;
  const close = async (): Promise<void> => {
    app.close();
    const over = new AbortController();
    const gone = once(server, 'close');
    // Whoever is still being answered is not waited for once he has his answer.
    server.keepAliveTimeout = 1;
    server.keepAliveTimeoutBuffer = 0;
    server.close();
    server.closeIdleConnections();
    await Promise.race([gone, clock.sleep(limits.closeMsMax, over.signal)]);
    over.abort();
    server.closeAllConnections();
    await gone;
  };
  return () => {
    closed ??= close();
    return closed;
  };
}
