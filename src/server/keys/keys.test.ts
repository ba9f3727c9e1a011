import { describe, expect, it } from 'vitest';
import type { ApiKey, KeyStore } from '../../core/index.ts';
import type { NewKey, ServerKeys } from '../parts.ts';
import { createKeys } from './keys.ts';

const want = { tenant: 'a', label: 'website', scopes: ['admin', 'jobs:read'], expiresAtMs: null } as const;

describe('API keys', () => {
  it('a key that was made is let in, and what is kept does not tell it', async () => {
    const { keys, kept } = open();
    const { key, record } = await made(keys, want);
    expect(key).toMatch(/^ik_[A-Za-z0-9_-]{43}$/);
    expect(record).toMatchObject({ ...want, prefix: key.slice(0, 8), revokedAtMs: null, usedAtMs: null });
    expect(record.id).toMatch(/^key_[A-Za-z0-9_-]{16}$/);
    expect(JSON.stringify([...kept.values()])).not.toContain(key.slice(8));
    expect(await keys.check(key)).toMatchObject({ ok: true, value: { id: record.id, tenant: 'a' } });
  });

  it('what is no key is refused without asking the store, and an unknown key in one line', async () => {
    const { keys, asked } = open();
    for (const wrong of ['', 'ik_', `ik_${'x'.repeat(42)}`, `ik_${'x'.repeat(44)}`, `sk_${'x'.repeat(43)}`])
      expect(await keys.check(wrong)).toMatchObject({ ok: false, failure: { code: 'no-key' } });
    expect(asked()).toBe(0);
    const unknown = await keys.check(`ik_${'x'.repeat(43)}`);
    expect(unknown).toMatchObject({
      failure: { message: expect.stringMatching(/^This API key is not known here\./) },
    });
    expect(JSON.stringify(unknown)).not.toContain('xxx');
  });

  it('that one is wrong is known for a while, without asking again', async () => {
    const { keys, asked, clock } = open();
    for (let each = 0; each < 1_000; each++)
      expect((await keys.check(`ik_${'x'.repeat(43)}`)).ok).toBe(false);
    expect(asked()).toBe(1);
    clock.pass(5000);
    await keys.check(`ik_${'x'.repeat(43)}`);
    expect(asked()).toBe(2);
  });

  it('while none of scope admin works, only such a one is made, also once the first has expired', async () => {
    const { keys, clock } = open();
    const reader = { ...want, scopes: ['jobs:read'] } as const;
    const refused = { failure: { code: 'wrong-input', message: expect.stringContaining('scope admin') } };
    expect(await keys.make(reader)).toMatchObject(refused);
    expect(await keys.make({ ...want, expiresAtMs: clock.now() })).toMatchObject({
      failure: { code: 'wrong-input', message: expect.stringContaining('has passed') },
    });
    const { key } = await made(keys, { ...want, expiresAtMs: clock.now() + 1000 });
    expect((await keys.make(reader)).ok).toBe(true);
    clock.pass(1000);
    expect(await keys.check(key)).toMatchObject({
      failure: { message: expect.stringContaining('inspan keys create --scope admin') },
    });
    expect(await keys.make(reader)).toMatchObject(refused);
    expect((await keys.make(want)).ok).toBe(true);
  });

  it('a thousand requests with one key ask the store once in 5 s', async () => {
    const { keys, asked, clock } = open();
    const { key } = await made(keys, want);
    const checks = await Promise.all(Array.from({ length: 1000 }, () => keys.check(key)));
    expect(checks.every(({ ok }) => ok)).toBe(true);
    expect(asked()).toBe(1);
    clock.pass(4999);
    await keys.check(key);
    expect(asked()).toBe(1);
    clock.pass(1);
    await keys.check(key);
    expect(asked()).toBe(2);
  });

  it('a key that another process revoked stops working within 5 s, one revoked here at once', async () => {
    const { keys, store, clock } = open();
    const [{ key: here, record }, { key: there, record: other }] = [
      await made(keys, want),
      await made(keys, want),
    ];
    await keys.check(here);
    await keys.check(there);
    expect(await keys.revoke(record.id)).toMatchObject({ ok: true, value: { revokedAtMs: clock.now() } });
    expect(await keys.check(here)).toMatchObject({ failure: { code: 'no-key' } });
    await store.revoke(other.id, clock.now());
    clock.pass(5000);
    expect(await keys.check(there)).toMatchObject({
      failure: { message: expect.stringContaining('was revoked at 2023-11-14T22:13:20.000Z') },
    });
    expect(await keys.revoke('key_none')).toMatchObject({ failure: { code: 'not-found' } });
  });

  it('a key expires at its moment, also while it is remembered', async () => {
    const { keys, clock } = open();
    const { key } = await made(keys, { ...want, expiresAtMs: clock.now() + 1000 });
    clock.pass(999);
    expect((await keys.check(key)).ok).toBe(true);
    clock.pass(1);
    expect(await keys.check(key)).toMatchObject({
      failure: { code: 'no-key', message: expect.stringContaining('expired at') },
    });
  });

  it('a rotated key gets a successor with the same rights, and works on for its grace', async () => {
    const { keys, clock } = open();
    const { key, record } = await made(keys, { ...want, expiresAtMs: clock.now() + 100_000 });
    await keys.check(key);
    clock.pass(40_000);
    const rotated = await keys.rotate(record.id, { graceMs: 10_000 });
    if (!rotated.ok) throw new Error(rotated.failure.message);
    const next = rotated.value;
    const { tenant, label, scopes } = want;
    expect(next.record).toMatchObject({ tenant, label, scopes, expiresAtMs: clock.now() + 100_000 });
    expect([(await keys.check(key)).ok, (await keys.check(next.key)).ok]).toEqual([true, true]);
    clock.pass(10_000);
    expect([(await keys.check(key)).ok, (await keys.check(next.key)).ok]).toEqual([false, true]);
    expect(await keys.rotate(record.id, { graceMs: 0 })).toMatchObject({ failure: { code: 'wrong-state' } });
    expect(await keys.rotate('key_none', { graceMs: 0 })).toMatchObject({ failure: { code: 'not-found' } });
  });

  it('that a key is used is written at most once a minute', async () => {
    const { keys, clock, marked } = open();
    const { key } = await made(keys, want);
    await Promise.all(Array.from({ length: 50 }, () => keys.check(key)));
    for (let each = 0; each < 11; each++) {
      clock.pass(5000);
      await keys.check(key);
    }
    expect(marked()).toBe(1);
    clock.pass(5000);
    await keys.check(key);
    expect(marked()).toBe(2);
  });

  it('a store that failed is asked again', async () => {
    const { keys, store } = open();
    const { key } = await made(keys, want);
    const { findByHash } = store;
    store.findByHash = async () => {
      throw new Error('gone');
    };
    await expect(keys.check(key)).rejects.toThrow('gone');
    store.findByHash = findByHash;
    expect((await keys.check(key)).ok).toBe(true);
  });
});

async function made(keys: ServerKeys, wanted: Parameters<ServerKeys['make']>[0]): Promise<NewKey> {
  const making = await keys.make(wanted);
  if (!making.ok) throw new Error(making.failure.message);
  return making.value;
}

function open() {
  let nowMs = 1_700_000_000_000;
  let drawn = 0;
  const clock = {
    now: () => nowMs,
    pass(ms: number) {
      nowMs += ms;
    },
  };
  const { store, kept, asked, marked } = openStore();
  const randomBytes = (size: number): Uint8Array => {
    drawn += 1;
    return new Uint8Array(size).map((_, at) => (drawn * 31 + at * 7) % 256);
  };
  return { keys: createKeys({ store, clock, randomBytes }), store, clock, kept, asked, marked };
}

/** Keeps keys in a map, and counts what it is asked. */
function openStore() {
  const kept = new Map<string, ApiKey>();
  let [asked, marked] = [0, 0];
  const change = (id: string, set: Partial<ApiKey>): ApiKey | null => {
    const key = kept.get(id);
    if (key === undefined) return null;
    kept.set(id, { ...key, ...set });
    return { ...key, ...set };
  };
  const store: KeyStore = {
    async add(key) {
      kept.set(key.id, key);
    },
    async findByHash(hash) {
      asked += 1;
      return [...kept.values()].find((key) => key.hash === hash) ?? null;
    },
    list: async () => [...kept.values()],
    revoke: async (id, revokedAtMs) => change(id, { revokedAtMs }),
    expire: async (id, expiresAtMs) => change(id, { expiresAtMs }),
    async markUsed(id, usedAtMs) {
      marked += 1;
      change(id, { usedAtMs });
    },
    any: async () => kept.size > 0,
  };
  return { store, kept, asked: () => asked, marked: () => marked };
}
