import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { failure, InspanError } from '../../core/index.ts';
import type { AccountBook } from '../economy/accounts.ts';
import { type DeskOptions, openDesk } from './desk.ts';
import type { LoggedRequest } from './request-log.ts';
import { serve } from './serve.ts';

/** What a simulator is made of, and where it listens. */
export interface SimulatorOptions extends DeskOptions {
  /** 0, the default, takes any that is free. */
  readonly port?: number;
  /** Default: 127.0.0.1, which only this machine reaches. */
  readonly host?: string;
}

/** A running simulator. What it can do here, its endpoints under `/sim/` can do as well. */
export interface Simulator {
  /** Without a slash at the end. */
  readonly url: string;
  readonly port: number;
  accounts(): AccountBook;
  /** The bodies that came last, oldest first. */
  requests(last: number): readonly LoggedRequest[];
  /** Moves the clock of caches, limits and batches forward; nobody waits. */
  advance(ms: number): void;
  /** Hangs up on everyone, and resolves when the port is free again. */
  close(): Promise<void>;
}

/** Starts a provider on loopback. Throws `InspanError` where the port cannot be had. */
export async function openSimulator(options: SimulatorOptions): Promise<Simulator> {
  const desk = openDesk(options);
  const server = createServer((message, response) => {
    void serve(message, response, desk);
  });
  const { address, port } = await listen(server, options);
  const { controls } = desk;
  return Object.freeze({
    url: `http://${address.includes(':') ? `[${address}]` : address}:${port}`,
    port,
    accounts: controls.accounts,
    requests: controls.requests,
    advance: (ms: number) => void controls.advance(ms),
    close: () => close(server),
  });
}

async function listen(
  server: Server,
  { port = 0, host = '127.0.0.1' }: SimulatorOptions,
): Promise<AddressInfo> {
  const listening = Promise.withResolvers<void>();
  server.once('error', listening.reject);
  server.listen({ port, host }, listening.resolve);
  try {
    await listening.promise;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    const reason = `The simulator cannot listen on ${host}:${port} (${code}): choose another port, or 0 for any`;
    throw new InspanError([failure('wrong-config', reason)]);
  }
  return server.address() as AddressInfo;
}

async function close(server: Server): Promise<void> {
  const closed = Promise.withResolvers<void>();
  server.close(() => closed.resolve());
  server.closeAllConnections();
  await closed.promise;
}
