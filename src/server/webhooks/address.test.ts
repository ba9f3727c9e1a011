import type { LookupAddress } from 'node:dns';
import { describe, expect, it } from 'vitest';
import { checkWebhookUrl, isPublicAddress } from './address.ts';
import { createCheckedLookup } from './checked-lookup.ts';

describe('the address of a webhook', () => {
  it.each([
    'https://example.org/hooks?token=1',
    'https://example.org:8443',
    `https://${[8, 8, 8, 8].join('.')}/x`,
    'https://[2606:4700::1111]/x',
  ])('may be public: %s', (url) => {
    expect(checkWebhookUrl(url, { allowPrivate: false }).ok).toBe(true);
  });

  it.each([
    'example.org',
    'http://example.org',
    'ftp://example.org',
    'file:///etc/passwd',
    'https://user:pass@example.org',
    'https://user@example.org',
    'https://localhost',
    'https://LOCALHOST./x',
    'https://a.localhost',
    'https://127.0.0.1',
    'https://127.1',
    'https://2130706433',
    'https://0x7f000001',
    'https://0',
    'https://[::1]',
    'https://[::]',
    'https://[::ffff:127.0.0.1]',
    'https://[::ffff:8.8.8.8]',
    'https://[fd00::1]',
    'https://[fe80::1]',
    'https://[64:ff9b::7f00:1]',
    'https://[2002:7f00:1::]',
    `https://${[10, 0, 0, 1].join('.')}`,
    `https://${[172, 31, 0, 1].join('.')}`,
    `https://${[192, 168, 1, 1].join('.')}`,
    `https://${[169, 254, 169, 254].join('.')}`,
    `https://${[100, 100, 100, 200].join('.')}`,
    `https://example.org/${'x'.repeat(2048)}`,
  ])('is refused otherwise, in one line that does not repeat it: %s', (url) => {
    const checked = checkWebhookUrl(url, { allowPrivate: false });
    expect(checked).toMatchObject({ ok: false, failure: { code: 'wrong-input' } });
    expect(JSON.stringify(checked)).not.toContain('pass@');
  });

  it('may be private for trials, without TLS only on loopback', () => {
    const check = (url: string) => checkWebhookUrl(url, { allowPrivate: true }).ok;
    expect(['http://127.0.0.1:1/x', 'http://localhost:1', 'http://[::1]:1'].map(check)).toEqual([
      true,
      true,
      true,
    ]);
    expect(check(`https://${[10, 0, 0, 1].join('.')}`)).toBe(true);
    expect(check(`http://${[10, 0, 0, 1].join('.')}`)).toBe(false);
    expect(check('http://example.org')).toBe(false);
    expect(check('http://user:pass@127.0.0.1')).toBe(false);
  });

  it('tells public addresses from all others', () => {
    const lists = [
      ['1.1.1.1', '172.32.0.1', '100.128.0.1', '2a00::1'],
      ['', 'localhost', '224.0.0.1', '255.255.255.255', '198.18.0.1', 'ff02::1', 'fe80::1%eth0', 'fec0::1'],
    ];
    expect(lists.map((list) => list.map(isPublicAddress))).toEqual([
      [true, true, true, true],
      Array.from({ length: 8 }, () => false),
    ]);
  });
});

describe('the look-up of a host', () => {
  const [publicOne, privateOne] = [
    { address: '93.184.216.34', family: 4 },
    { address: '127.0.0.1', family: 4 },
  ];

  it('gives what was checked', async () => {
    expect(await lookUp([publicOne], { allowPrivate: false, all: true })).toEqual([
      null,
      [publicOne],
      undefined,
    ]);
    expect(await lookUp([publicOne], { allowPrivate: false })).toEqual([null, '93.184.216.34', 4]);
    expect(await lookUp([privateOne], { allowPrivate: true })).toEqual([null, '127.0.0.1', 4]);
  });

  it('refuses a host that leads to a private network, also when only in part', async () => {
    for (const addresses of [[privateOne], [publicOne, privateOne]]) {
      const [error] = await lookUp(addresses, { allowPrivate: false, all: true });
      expect(error).toMatchObject({ code: 'INSPAN_PRIVATE_ADDRESS' });
    }
  });

  it('says so where there is no address', async () => {
    expect((await lookUp([], { allowPrivate: false }))[0]).toMatchObject({ code: 'ENOTFOUND' });
  });
});

function lookUp(
  addresses: readonly LookupAddress[],
  { allowPrivate, all = false }: { readonly allowPrivate: boolean; readonly all?: boolean },
): Promise<readonly unknown[]> {
  const lookup = createCheckedLookup({ allowPrivate, resolve: async () => addresses });
  return new Promise((resolve) => {
    lookup('hooks.example', { all }, (...answer) => resolve([answer[0], answer[1], answer[2]]));
  });
}
