import {
  type ApiKey,
  type Clock,
  fail,
  hashBytes,
  type KeyStore,
  ok,
  type Result,
} from '../../core/index.ts';
import type { NewKey, ServerKeys } from '../parts.ts';
import { createGuessLimit } from './guess-limit.ts';
import { createKeyMemory } from './key-memory.ts';

/** What API keys are made of. */
export interface KeysOptions {
  readonly store: KeyStore;
  readonly clock: Pick<Clock, 'now'>;
  /** Random bytes that nobody can guess. */
  randomBytes(size: number): Uint8Array;
}

/** 256 bits: nobody finds a key by trying, and 43 characters of base64url. */
const keySize = 32;
/** 96 bits: enough that no two keys ever get the same id. */
const idSize = 12;
/** `ik_` and five characters: enough for a person to tell keys apart, too little to guess the rest. */
const prefixLength = 8;
/** How exactly it is known when a key was last used; each finer minute would cost a commit per key. */
const usedMs = 60_000;
/** Keys whose last note is remembered; of others the store's own is enough. */
const notesMax = 10_000;

/**
 * Makes and checks API keys. A key is known to whoever made it alone: the store has its hash.
 * A key that was revoked elsewhere stops working within 5 s; one revoked here, at once.
 */
export function createKeys(options: KeysOptions): ServerKeys {
  const { store, clock } = options;
  const memory = createKeyMemory(clock, (hash) => store.findByHash(hash));
  const guesses = createGuessLimit(clock);
  const noteUse = createUseNotes(options);

  return {
    make: async (want) => await make(options, want),
    async check(presented) {
      if (!isKey(presented)) return fail('no-key', 'This is no API key: one is ik_ and 43 characters.');
      // Found by its hash: how long that takes says nothing about a key that one does not have already.
      const hash = hashBytes(presented);
      const waitMs = memory.isKnown(hash) ? 0 : guesses.waitMs();
      if (waitMs > 0) return fail('too-many-requests', tooManyGuesses, { retryAfterMs: waitMs });
      const record = await memory.find(hash, () => guesses.count());
      if (record === null) return fail('no-key', notKnown);
      const ended = endOf(record, clock.now());
      if (ended !== null) return fail('no-key', `This API key ${ended}. ${another}`);
      await noteUse(record);
      return ok(record);
    },
    async rotate(id, { graceMs }) {
      const nowMs = clock.now();
      const old = (await store.list(null)).find((each) => each.id === id);
      if (old === undefined) return notFound(id);
      const ended = endOf(old, nowMs);
      if (ended !== null) return fail('wrong-state', `The key ${id} ${ended}. Make a new one.`);
      const { tenant, label, scopes, expiresAtMs, createdAtMs } = old;
      // A key that was made for a while is followed by one for as long.
      const successorAtMs = expiresAtMs === null ? null : nowMs + (expiresAtMs - createdAtMs);
      const made = await add(options, { tenant, label, scopes, expiresAtMs: successorAtMs });
      await store.expire(id, nowMs + graceMs);
      memory.forget(old.hash);
      return ok(made);
    },
    async revoke(id): Promise<Result<ApiKey>> {
      const revoked = await store.revoke(id, clock.now());
      if (revoked === null) return notFound(id);
      memory.forget(revoked.hash);
      return ok(revoked);
    },
  };
}

type WantedKey = Parameters<ServerKeys['make']>[0];

async function make(options: KeysOptions, want: WantedKey): Promise<Result<NewKey>> {
  const { store, clock } = options;
  const nowMs = clock.now();
  if (want.expiresAtMs !== null && want.expiresAtMs <= nowMs) {
    return fail('wrong-input', `The key would end at ${moment(want.expiresAtMs)}, which has passed.`);
  }
  if (!want.scopes.includes('admin') && !(await hasAdmin(store, nowMs))) {
    return fail('wrong-input', adminFirst);
  }
  return ok(await add(options, want));
}

/** A server that asks for keys and has none that may make others would be of no use to anybody. */
async function hasAdmin(store: KeyStore, nowMs: number): Promise<boolean> {
  const all = await store.list(null);
  return all.some((key) => key.scopes.includes('admin') && endOf(key, nowMs) === null);
}

async function add({ store, clock, randomBytes }: KeysOptions, want: WantedKey): Promise<NewKey> {
  const key = `ik_${base64url(randomBytes(keySize))}`;
  const record: ApiKey = {
    ...want,
    id: `key_${base64url(randomBytes(idSize))}`,
    prefix: key.slice(0, prefixLength),
    hash: hashBytes(key),
    createdAtMs: clock.now(),
    revokedAtMs: null,
    usedAtMs: null,
  };
  await store.add(record);
  return { key, record };
}

/** One of many requests at once pays for the note. */
function createUseNotes({ store, clock }: KeysOptions): (key: ApiKey) => Promise<void> {
  const notedAtMs = new Map<string, number>();
  return async ({ id, usedAtMs }) => {
    const nowMs = clock.now();
    if (nowMs - Math.max(usedAtMs ?? 0, notedAtMs.get(id) ?? 0) < usedMs) return;
    notedAtMs.delete(id);
    notedAtMs.set(id, nowMs);
    const [oldest] = notedAtMs.keys();
    if (notedAtMs.size > notesMax && oldest !== undefined) notedAtMs.delete(oldest);
    await store.markUsed(id, nowMs);
  };
}

const adminFirst =
  'No key of scope admin works here, and only those make others: make this one with the scope admin, then all others.';
const notKnown =
  'This API key is not known here. See that it is whole, and that it was made for this server and its database.';
const another =
  'Use another one; where none works any more, "inspan keys create --scope admin" on the database itself makes one.';
const tooManyGuesses = 'Too many unknown API keys come in: wait as Retry-After says.';

/** Spares the store what cannot be a key. */
function isKey(presented: string): boolean {
  return /^ik_[A-Za-z0-9_-]{43}$/.test(presented);
}

/** Says how a key ended; null while it works. */
function endOf({ revokedAtMs, expiresAtMs }: ApiKey, nowMs: number): string | null {
  if (revokedAtMs !== null && revokedAtMs <= nowMs) return `was revoked at ${moment(revokedAtMs)}`;
  if (expiresAtMs !== null && expiresAtMs <= nowMs) return `expired at ${moment(expiresAtMs)}`;
  return null;
}

function notFound(id: string): Result<never> {
  return fail('not-found', `There is no key ${id}. \`inspan keys list\` shows all.`);
}

function moment(ms: number): string {
  return new Date(ms).toISOString();
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}
