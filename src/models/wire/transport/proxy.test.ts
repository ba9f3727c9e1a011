import { expect, it } from 'vitest';
import { InspanError } from '../../../core/index.ts';
import { type ProxySettings, proxyChooser } from './proxy.ts';

function chosen(settings: ProxySettings, url: string): string | null {
  return proxyChooser(settings)(new URL(url))?.href ?? null;
}

it('each scheme has its own proxy', () => {
  const settings = { http: 'http://plain:1', https: 'secure:2' };
  expect(chosen(settings, 'http://a.test')).toBe('http://plain:1/');
  expect(chosen(settings, 'https://a.test')).toBe('http://secure:2/');
  expect(chosen({ http: 'http://plain:1', https: ' ' }, 'https://a.test')).toBeNull();
});

it.each([
  ['a.test', 'https://a.test', true],
  ['a.test', 'https://b.a.test', true],
  ['.a.test', 'https://b.a.test', true],
  ['*.a.test', 'https://b.a.test', true],
  ['a.test', 'https://ba.test', false],
  ['A.TEST , other', 'https://a.test', true],
  ['a.test:443', 'https://a.test', true],
  ['a.test:8443', 'https://a.test', false],
  ['[fd00::1]', 'https://[fd00::1]/v1', true],
  ['*', 'https://a.test', true],
  ['', 'https://a.test', false],
])('with NO_PROXY %j, %s is reached directly: %j', (none, url, isDirect) => {
  expect(chosen({ https: 'proxy:1', none }, url) === null).toBe(isDirect);
});

it('what runs on this machine is never asked for at a proxy', () => {
  const settings = { http: 'proxy:1' };
  expect(chosen(settings, 'http://127.0.0.1:11434')).toBeNull();
  expect(chosen(settings, 'http://localhost:11434')).toBeNull();
  expect(chosen(settings, 'http://[::1]:11434')).toBeNull();
});

it('a proxy that is none is refused by name, without quoting what may hold a password', () => {
  expect(() => proxyChooser({ https: 'socks5://user:secret@proxy:1' })).toThrow(InspanError);
  expect(() => proxyChooser({ https: 'socks5://user:secret@proxy:1' })).toThrow(/^HTTPS_PROXY is no address/);
  expect(() => proxyChooser({ https: 'socks5://user:secret@proxy:1' })).not.toThrow(/secret/);
});
