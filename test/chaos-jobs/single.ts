import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findFreePort } from '../../scripts/services/server.ts';
import { createClient } from '../../src/client/index.ts';
import { type House, type Kill, leaseMs, makeKeys, type Setting, workWords } from './house.ts';
import type { Random } from './random.ts';

/** With nothing left to go on with, no call comes. */
const looksMax = 60;
const lookMs = 50;

/** One process on a file, which is killed and frozen, and begun again at once. */
export async function openSingle(house: House, random: Random): Promise<Setting> {
  const database = join(house.folder, 'jobs.db');
  const keys = await makeKeys(database);
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  const kills: Kill[] = [];
  const start = () => house.start('serve', ['serve', ...workWords(database), '--port', String(port)]);
  let server = start();
  await server.ready;
  const clients = Object.entries(keys).map(
    ([tenant, key]) => [tenant, createClient({ url, key, patienceMs: 0, timeoutMs: 2_000 })] as const,
  );
  const kill = async (): Promise<void> => {
    kills.push({ process: server.name, atMs: Date.now() });
    await server.kill();
    server = start();
    await server.ready;
    await goesOn(server.name);
  };
  /** A job that loses one worker after another before it has finished a step is taken for their murderer. */
  const goesOn = async (name: string): Promise<void> => {
    for (let looks = 0; looks < looksMax; looks += 1) {
      if (house.gateway.calls().findLast(({ process }) => process === name) !== undefined) return;
      await sleep(lookMs);
    }
  };
  const freeze = async (): Promise<void> => {
    await server.freeze(random.between(500, leaseMs + 1_000));
  };
  return {
    url,
    keys,
    kills,
    outages: [],
    mishaps: [
      ['kill', kill],
      ['kill', kill],
      ['kill', kill],
      ['freeze', freeze],
      ['kill', kill],
      ['kill', kill],
    ],
    async running() {
      try {
        const counts = clients.map(async ([tenant, { jobs }]) => {
          const { items } = await jobs.list({ states: ['running'], limit: 200 });
          return [tenant, items.length] as const;
        });
        return Object.fromEntries(await Promise.all(counts));
      } catch {
        return null;
      }
    },
    calmDown: () => server.drain(),
    close: async () => {},
  };
}
