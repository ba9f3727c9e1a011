import { connect, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type Service, startPostgres } from '../../../../scripts/services/index.ts';
import { systemClock as clock } from '../../../../test/setup/clock.ts';
import { StorageError } from '../../../core/index.ts';
import type { OpenedDatabase } from '../database.ts';
import { migrate } from '../migrations.ts';
import { openPostgresStore } from '../open-store.ts';
import { whole } from '../scratch.ts';
import { openPostgresDatabase } from './open-postgres-database.ts';

describe.runIf(inject('postgres') !== null)('a Postgres that restarts', () => {
  let server: Service;
  let database: OpenedDatabase;

  beforeAll(async () => {
    server = await startPostgres();
    database = whole(await openPostgresDatabase(server.url, { clock }));
    whole(await migrate(database));
  });
  afterAll(async () => {
    await database.close();
    await server.stop();
  });

  it('stops nobody: writes and reads wait for it, locks and listening come back', async () => {
    const never = new AbortController().signal;
    await database.liveness.hold('worker');
    await database.waitForWork(1, never);
    const before = await count(database);
    let isOver = false;
    let kept = 0;
    const work = async (): Promise<void> => {
      while (!isOver) {
        await keepNote(database);
        kept += 1;
        await count(database);
      }
    };
    const working = Promise.allSettled([work(), work(), work()]);
    await server.restart();
    await server.kill();
    await server.restart();
    await keepNote(database);
    kept += 1;
    isOver = true;
    const unknown = (await working).filter(({ status }) => status === 'rejected');
    for (const outcome of unknown) expect(outcome).toMatchObject({ reason: { outcome: 'unknown' } });
    const now = (await count(database)) - before;
    expect(now).toBeGreaterThanOrEqual(kept);
    expect(now).toBeLessThanOrEqual(kept + unknown.length);
    // Coming back rings too; from then on announcements are heard.
    await database.waitForWork(60_000, never);
    await database.write((transaction) => database.announceWork(transaction));
    await database.waitForWork(60_000, never);
    const gone = await database.write((transaction) => database.liveness.gone(transaction, ['worker', 'x']));
    expect(gone).toEqual([]);
  });

  it('is waited for by whoever begins meanwhile', async () => {
    await server.kill();
    const opening = openPostgresStore(server.url, { clock });
    await server.restart();
    const store = whole(await opening);
    await expect(store.ping()).resolves.toBeUndefined();
    await store.close();
  });

  it('a commit whose answer is lost is told as unknown, and not made again', async () => {
    const proxy = await cutAfter(server.url, /commit/);
    const through = whole(await openPostgresDatabase(proxy.url, { clock }));
    const before = await count(database);
    const failed = await keepNote(through).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(StorageError);
    expect(failed).toMatchObject({ outcome: 'unknown' });
    await expect.poll(() => count(database)).toBe(before + 1);
    await through.close();
    await proxy.close();
  });
});

async function keepNote(database: OpenedDatabase): Promise<void> {
  const row = { at: 1, tenant: 't', by_whom: 'b', action: 'a', target: 'x', detail: 'null' };
  await database.write((transaction) => transaction.insertInto('audit').values(row).execute());
}

async function count({ read }: OpenedDatabase): Promise<number> {
  const { all } = await read
    .selectFrom('audit')
    .select(({ fn }) => fn.countAll<number>().as('all'))
    .executeTakeFirstOrThrow();
  return all;
}

/** A way to a server that passes on what a client says, and is cut before the answer once it has said something. */
async function cutAfter(
  url: string,
  word: RegExp,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  const proxy = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {});
    }
    let isCut = false;
    client.on('data', (bytes) => {
      isCut ||= word.test(bytes.toString('latin1'));
      upstream.write(bytes);
    });
    upstream.on('data', (bytes) => (isCut ? client.destroy() : client.write(bytes)));
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const address = proxy.address();
  if (address === null || typeof address === 'string') throw new Error('The proxy has no port.');
  const own = new URL(url);
  own.port = String(address.port);
  return {
    url: own.href,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}
