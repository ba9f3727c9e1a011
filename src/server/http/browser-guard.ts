import { fail, ok, type Result } from '../../core/index.ts';

/** Names of this machine, as a browser that was not deceived writes them. */
const loopbackHosts: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * Refuses what pages of other sites make browsers send to an open server: a foreign name that resolves to this machine
 * (DNS rebinding), and forms sent across sites.
 */
export function guardOpenServer(request: Request, allowedOrigins: readonly string[]): Result<void> {
  const { hostname, host } = new URL(request.url);
  if (!loopbackHosts.has(hostname)) {
    return fail(
      'not-allowed',
      'Without keys this server answers to localhost, 127.0.0.1 and [::1] only: use one of these names, or make a key with "inspan keys create".',
    );
  }
  const origin = request.headers.get('origin');
  if (origin === null || allowedOrigins.includes(origin) || originHost(origin) === host) return ok(undefined);
  return fail(
    'not-allowed',
    'Without keys this server takes nothing from pages of other sites: make a key with "inspan keys create".',
  );
}

function originHost(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null;
}

/** Says whether a host name or address reaches this machine only. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host);
}
