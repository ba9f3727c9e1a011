import type { ApiKey, NewApiKey } from '../../client/index.ts';
import {
  failure,
  InspanError,
  type ApiKey as KeptKey,
  type KeyScope,
  type Result,
} from '../../core/index.ts';
import type { Service } from '../../inspan.ts';
import type { Arguments } from '../arguments.ts';
import type { Io } from '../io.ts';
import { addressOf, clientOf } from '../jobs/server-client.ts';
import { inspanFor } from '../serve/service-options.ts';
import { makeFolderFor, mustExist, storageOf } from '../serve/storage.ts';

/** A key that is wanted. */
export interface WantedKey {
  readonly label: string;
  readonly scopes: readonly KeyScope[];
  readonly tenant: string;
  readonly expiresAtMs: number | null;
}

/** A key as it is listed; `tenant` where keys of several can be seen. */
export type ListedKey = ApiKey & { readonly tenant?: string };

/** The keys of a server: through its API while it runs, else in its database. */
export interface KeyRing {
  /** Where they are, for people. */
  readonly place: string;
  create(want: WantedKey): Promise<NewApiKey>;
  list(): Promise<readonly ListedKey[]>;
  revoke(id: string): Promise<ApiKey>;
  rotate(id: string, graceMs: number): Promise<NewApiKey>;
}

/** Opens the keys that a command line means, for as long as `use` takes. Only where `makes` is true is a file made. */
export async function withKeyRing<T>(
  given: Arguments,
  io: Io,
  { use, makes = false }: { readonly use: (ring: KeyRing) => Promise<T>; readonly makes?: boolean },
): Promise<T> {
  if (isRemote(given, io)) return await use(remoteRing(given, io));
  const storage = storageOf(given, io);
  await (makes ? makeFolderFor(storage) : mustExist(storage));
  const inspan = await inspanFor({ model: null }, io);
  try {
    const opening = inspan.openService({
      database: storage.database,
      teams: [],
      report: () => {},
    });
    const service = await opening.catch((error: unknown) => {
      throw whileItRuns(error);
    });
    try {
      return await use(ownRing(service, `the database ${storage.name}`));
    } finally {
      await service.close();
    }
  } finally {
    await inspan.close();
  }
}

/** A database that was named is meant, whatever the environment says of a server. */
function isRemote({ values }: Arguments, { environment }: Io): boolean {
  if (values['url'] !== undefined) return true;
  return values['database'] === undefined && (environment['INSPAN_URL'] ?? '') !== '';
}

/** A file that a running server owns is reached through that server. */
function whileItRuns(error: unknown): unknown {
  if (!(error instanceof InspanError) || !error.failures.some(({ code }) => code === 'store-in-use'))
    return error;
  const message =
    'A server uses this database file. Go through it: --url <its address>, with a key of scope admin in INSPAN_KEY where it asks for one.';
  return new InspanError([failure('store-in-use', message)]);
}

function remoteRing(given: Arguments, io: Io): KeyRing {
  const { keys } = clientOf(given, io);
  return {
    place: `the server at ${addressOf(given, io)}`,
    create: async ({ label, scopes, expiresAtMs }) => {
      if (given.values['tenant'] !== undefined) {
        const message =
          '--tenant goes with --database: a server makes keys for the tenant of INSPAN_KEY alone.';
        throw new InspanError([failure('wrong-input', message)]);
      }
      const expires = expiresAtMs === null ? {} : { expiresAt: new Date(expiresAtMs).toISOString() };
      return await keys.create({ label, scopes, ...expires });
    },
    list: keys.list,
    revoke: keys.revoke,
    rotate: (id, graceMs) => keys.rotate(id, { graceMs }),
  };
}

function ownRing({ keys, store, desk }: Service, place: string): KeyRing {
  const note = async (action: string, { id, tenant, label, scopes }: KeptKey): Promise<void> => {
    await desk.note({ tenant, by: 'cli' }, { action, target: id, detail: { label, scopes } });
  };
  return {
    place,
    create: async (want) => {
      const { key, record } = unwrap(await keys.make(want));
      await note('key.create', record);
      return { ...shown(record), key };
    },
    list: async () => (await store.keys.list(null)).map((key) => ({ ...shown(key), tenant: key.tenant })),
    async revoke(id) {
      const revoked = unwrap(await keys.revoke(id));
      await note('key.revoke', revoked);
      return shown(revoked);
    },
    async rotate(id, graceMs) {
      const { key, record } = unwrap(await keys.rotate(id, { graceMs }));
      await note('key.rotate', record);
      return { ...shown(record), key };
    },
  };
}

function unwrap<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new InspanError([result.failure]);
}

/** A key as a server would tell of it. */
function shown({
  id,
  prefix,
  label,
  scopes,
  createdAtMs,
  expiresAtMs,
  revokedAtMs,
  usedAtMs,
}: KeptKey): ApiKey {
  const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
  return {
    id,
    prefix,
    label,
    scopes,
    createdAt: new Date(createdAtMs).toISOString(),
    expiresAt: iso(expiresAtMs),
    revokedAt: iso(revokedAtMs),
    usedAt: iso(usedAtMs),
  };
}
