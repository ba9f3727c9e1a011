import { fail, ok, type Result } from '../../core/index.ts';
import { keyCommand } from '../keys/key-command.ts';
import type { ServerOptions } from '../parts.ts';

/** What proxies add: behind one, whoever asks need not be on this machine. */
const proxyHeaders = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'] as const;

/**
 * Refuses what pages of other sites make browsers send to an open server: a foreign name that resolves to this machine
 * (DNS rebinding), and forms sent across sites. Also what a proxy on this machine brings in from others.
 */
export function guardOpenServer(
  request: Request,
  { allowedOrigins, storage }: Pick<ServerOptions, 'allowedOrigins' | 'storage'>,
): Result<void> {
  const { hostname, host } = new URL(request.url);
  const command = `make a key with "${keyCommand(storage)}"`;
  if (!isLoopback(hostname)) {
    return fail(
      'not-allowed',
      `Without keys this server answers to localhost, 127.0.0.1 and [::1] only: use one of these names, or ${command}.`,
    );
  }
  if (proxyHeaders.some((name) => request.headers.has(name))) {
    return fail(
      'not-allowed',
      `This request came through a proxy, and without keys this server answers to this machine only: ${command}.`,
    );
  }
  const origin = request.headers.get('origin');
  if (origin === null || allowedOrigins.includes(origin) || originHost(origin) === host) return ok(undefined);
  return fail('not-allowed', `Without keys this server takes nothing from pages of other sites: ${command}.`);
}

function originHost(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null;
}

/** Says whether a host name or address reaches this machine only. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host);
}
