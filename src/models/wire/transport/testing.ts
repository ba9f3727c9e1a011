import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { Http2SecureServer } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { createTransport, type Transport, type TransportOptions } from './transport.ts';

/** Transports and servers of one test, and their end. */
export interface Bench {
  transport(options?: TransportOptions): Transport;
  /** Serves plain HTTP on this machine. */
  serve(listener: Listener): Promise<Served>;
  /** Has any server listen. */
  listening(server: Server | Http2SecureServer, scheme: string): Promise<Served>;
  close(): void;
}

/** Answers requests; may take its time. */
export type Listener = (...heard: Parameters<RequestListener>) => unknown;

/** A server while it runs. */
export interface Served {
  readonly url: string;
  /** Connections that clients have opened, in order. */
  readonly sockets: readonly Socket[];
  close(): void;
}

/** Opens what a test needs and closes all of it again. */
export function createBench(): Bench {
  const open: { close(): void }[] = [];
  async function listening(server: Server | Http2SecureServer, scheme: string): Promise<Served> {
    const sockets: Socket[] = [];
    server.on('connection', (socket: Socket) => sockets.push(socket));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const served = {
      url: `${scheme}://localhost:${(server.address() as AddressInfo).port}`,
      sockets,
      close() {
        for (const socket of sockets) socket.destroy();
        server.close();
      },
    };
    open.push(served);
    return served;
  }
  return {
    transport(options) {
      const made = createTransport(options);
      open.push(made);
      return made;
    },
    serve: (listener) =>
      listening(
        createServer((...heard) => void listener(...heard)),
        'http',
      ),
    listening,
    close() {
      for (const each of open.splice(0)) each.close();
    },
  };
}

/** Reads all of a request's body. */
export async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}

/** Answers with what was asked, as JSON. */
export const echo: Listener = async (request, response) => {
  const { method, url, headers } = request;
  const body = await textOf(request);
  response.setHeader('content-type', 'application/json').end(JSON.stringify({ method, url, headers, body }));
};

/**
 * A certificate for servers of tests on this machine, valid until the next century.
 * It is nobody's secret and no client trusts it unless a test says so.
 */
export const loopbackCertificate = Object.freeze({
  cert: `-----BEGIN CERTIFICATE-----
MIIBqTCCAVCgAwIBAgIURl2hrzGpNgeo1Ii9BhvP3bDo6zowCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMTExNDUwMloYDzIxMjYxMDI4
MTE0NTAyWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAASwZ89/Ba+E56VbIa+kupBWuB4MFxGBqPaUr5gCs+Dc/RPS7poHwh5v
fTH8gR2hHrpgrSs95xLoOE8kJfxUCW2Uo34wfDAdBgNVHQ4EFgQUUDKgDP7j8mBh
Fv0CPGtmrJeHeiYwHwYDVR0jBBgwFoAUUDKgDP7j8mBhFv0CPGtmrJeHeiYwDwYD
VR0TAQH/BAUwAwEB/zApBgNVHREEIjAggglsb2NhbGhvc3SCDXByb3ZpZGVyLnRl
c3SHBH8AAAEwCgYIKoZIzj0EAwIDRwAwRAIgY/lZOC5fYRxKKWEM1L/vJGQvR4iR
gl5uYN3m/mGT/GcCIG1GFB9YYWe4B3d7LBDGfNvPpN+C3r85P6Z8iH4L1wAl
-----END CERTIFICATE-----`,
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgNrmFbpfNlJ/8aRLi
iGf9YInCWPYVB0J7WgtWXFScoDOhRANCAASwZ89/Ba+E56VbIa+kupBWuB4MFxGB
qPaUr5gCs+Dc/RPS7poHwh5vfTH8gR2hHrpgrSs95xLoOE8kJfxUCW2U
-----END PRIVATE KEY-----`,
});
