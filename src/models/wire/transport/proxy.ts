import { isIP } from 'node:net';
import { failure, InspanError } from '../../../core/index.ts';

/** Proxies as the variables of the same names give them; empty and absent are the same. */
export interface ProxySettings {
  /** `HTTP_PROXY`: for `http:` addresses. */
  readonly http?: string;
  /** `HTTPS_PROXY`: for `https:` addresses. */
  readonly https?: string;
  /** `NO_PROXY`: hosts to reach directly, with commas; a name stands for what ends in it too, `*` for all. */
  readonly none?: string;
}

/** Makes what tells the proxy of an address; null where there is none. Throws `InspanError` where one is no address. */
export function proxyChooser(settings: ProxySettings): (url: URL) => URL | null {
  const http = proxyUrl('HTTP_PROXY', settings.http);
  const https = proxyUrl('HTTPS_PROXY', settings.https);
  const direct = (settings.none ?? '')
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '');
  return (url) => {
    const proxy = url.protocol === 'https:' ? https : http;
    if (proxy === null || isLoopback(url.hostname)) return null;
    return direct.some((entry) => covers(entry, url)) ? null : proxy;
  };
}

function proxyUrl(name: string, value = ''): URL | null {
  const text = value.trim();
  if (text === '') return null;
  const url = text.includes('://') ? text : `http://${text}`;
  if (/^https?:/i.test(url) && URL.canParse(url)) return new URL(url);
  const message = `${name} is no address of a proxy. Write http://host:port; other kinds, such as socks, are not known.`;
  throw new InspanError([failure('wrong-config', message)]);
}

/** A proxy elsewhere cannot reach what runs on this machine; Go's standard library makes the same exception. */
function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' || hostname === '[::1]' || (isIP(hostname) === 4 && hostname.startsWith('127.'))
  );
}

function covers(entry: string, { hostname, port, protocol }: URL): boolean {
  if (entry === '*') return true;
  const [, name = '', only] = /^\*?\.?(.+?)(?::(\d+))?$/.exec(entry) ?? [];
  const usual = protocol === 'https:' ? '443' : '80';
  if (only !== undefined && only !== (port || usual)) return false;
  return hostname === name || hostname.endsWith(`.${name}`);
}

/** The header that tells a proxy who asks; none where its address names nobody. */
export function proxyAuthorization({ username, password }: URL): Readonly<Record<string, string>> {
  if (username === '' && password === '') return {};
  const words = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(words).toString('base64')}` };
}
