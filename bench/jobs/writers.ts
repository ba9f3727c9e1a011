/** Writers of steps, in a process of its own: `writers.ts <database>`. */
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';
import type { Lease, Result, Store } from '../../src/core/index.ts';
import { openPostgresStore, openSqliteStore } from '../../src/store/index.ts';
import { answerCalls } from './peer.ts';

/** How long appends took, and how many were kept in a second. */
export interface Appends {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** What the writers can be asked. */
export interface WriterCalls {
  /** So many jobs append one record after the other, until there are `total`. */
  append(writers: number, total: number): Promise<Appends>;
  /** One insert, one commit, again and again into a file of its own: what a record costs alone. Inserts a second. */
  insertAlone(file: string, total: number): Promise<number>;
}

/** A record of a model call with a short answer. */
const words = 'x'.repeat(1000);
const digest = 'sha256-bench';

const [, , database = ''] = process.argv;
const clock = {
  now: () => Date.now(),
  sleep: (ms: number, signal: AbortSignal) => wait(ms, undefined, { signal }).catch(() => {}),
};
const store = unwrap(
  await (database.startsWith('postgres')
    ? openPostgresStore(database, { clock })
    : openSqliteStore(database, { clock, owner: { processId: process.pid, host: 'bench' } })),
);
let jobs = 0;

answerCalls<WriterCalls>({
  async append(writers, total) {
    const leases = await hold(writers);
    await writeAll(leases, total / 4);
    return await writeAll(leases, total);
  },
  async insertAlone(file, total) {
    const raw = new DatabaseSync(file);
    raw.exec('pragma journal_mode = wal; pragma synchronous = full; create table rows (body text)');
    const insert = raw.prepare('insert into rows values (?)');
    const began = performance.now();
    for (let place = 0; place < total; place++) insert.run(words);
    return (total * 1000) / (performance.now() - began);
  },
});

async function hold(count: number): Promise<readonly Lease[]> {
  const { runs } = store;
  const ids = Array.from({ length: count }, () => `job_${jobs++}`);
  await runs.keepTeam(digest, { name: 'bench', definition: {}, toolCode: {} });
  await Promise.all(ids.map((id) => accept(store, id)));
  const worker = `worker_${jobs}`;
  await runs.enrol({ id: worker, concurrency: count, leaseMs: 600_000 });
  return await runs.claim(worker, { max: count, ceilings: { others: null, tenants: {} } });
}

async function accept({ runs }: Store, id: string): Promise<void> {
  await runs.accept({
    id,
    tenant: 'default',
    team: 'bench',
    digest,
    brief: { text: 'Count.' },
    seeds: [],
    priority: 0,
    notBeforeMs: null,
    deadlineAtMs: null,
    idempotency: null,
    estimate: null,
    patch: null,
    labels: {},
    by: 'local',
  });
}

async function writeAll(leases: readonly Lease[], total: number): Promise<Appends> {
  const all: number[] = [];
  let left = total;
  const began = performance.now();
  await Promise.all(
    leases.map(async (lease) => {
      while (left-- > 0) {
        const sentAt = performance.now();
        const kept = await store.runs.append(lease, {
          type: 'done',
          key: `turn-${left}/model`,
          kind: 'model',
          inputHash: 'hash',
          value: { words },
        });
        if (kept !== 'kept') throw new Error('A lease of the bench was lost');
        all.push(performance.now() - sentAt);
      }
    }),
  );
  const perSecond = (all.length * 1000) / (performance.now() - began);
  all.sort((a, b) => a - b);
  const at = (share: number): number => all[Math.floor(all.length * share)] ?? 0;
  return { perSecond, p50Ms: at(0.5), p99Ms: at(0.99) };
}

function unwrap<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new Error(result.failure.message);
}
