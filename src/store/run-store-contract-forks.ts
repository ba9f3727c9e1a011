import assert from 'node:assert/strict';
import { hashBytes, type NewFork, type Retention } from '../core/index.ts';
import {
  begun,
  done,
  ended,
  found,
  jobIn,
  keysOf,
  newJob,
  parked,
  statesTold,
  tenant,
  waitFor,
} from './run-store-contract-jobs.ts';
import type { RunStorePromise, RunStoreUnderTest } from './run-store-contract-promise.ts';

const long = 'long enough for a blob of its own '.repeat(20);

/** What a store promises of forks, and of what it removes. */
export const forkPromises: readonly RunStorePromise[] = [
  {
    promise: 'a fork begins with what was recorded before its step, and with the files as they were',
    async check(open) {
      const under = await open();
      const { runs } = under;
      await longJob(under);
      const forked = await runs.fork(
        tenant,
        forkOf('f', { patch: { model: 'big' }, labels: { is: 'fork' } }),
      );
      assert(forked.ok);
      assert.deepEqual(await found(runs, 'f'), forked.value);
      const { state, forkedFrom, patch, labels, attempts } = forked.value;
      assert.deepEqual([state, forkedFrom, attempts], ['queued', { job: 'a', step: 'three' }, 0]);
      assert.deepEqual([patch, labels], [{ model: 'big' }, { is: 'fork' }]);
      const records = await runs.records('f');
      assert.deepEqual(
        records.map(({ record, inherited }) => [record.type, record.key, inherited]),
        [
          ['done', 'one', true],
          ['started', 'two', true],
          ['done', 'two', true],
        ],
      );
      const before = await runs.records('a');
      assert.deepEqual(records[0]?.record, before[0]?.record);
      assert.deepEqual(
        (await runs.files('f')).map(({ path, hash, version }) => [path, hash, version]),
        [
          ['a.md', hashBytes(long), 2],
          ['seed.md', hashBytes('seed'), 1],
        ],
      );
      assert.deepEqual(await runs.brief('f'), await runs.brief('a'));
      assert.deepEqual(await statesTold(runs, 'f'), ['queued']);
    },
  },
  {
    promise: 'a fork goes its own way: neither sees what the other records',
    async check(open) {
      const under = await open();
      const { runs } = under;
      const lease = await longJob(under);
      await runs.fork(tenant, forkOf('f', {}));
      const [claim] = await runs.claim('w', { max: 1, ceilings: { others: null, tenants: {} } });
      assert(claim !== undefined && claim.job === 'f');
      await runs.append(claim, done('three', { changes: [{ path: 'a.md', version: 3, text: 'fork' }] }));
      await runs.append(lease, done('four'));
      assert.deepEqual(await keysOf(runs, 'f'), ['one', 'two', 'two', 'three']);
      assert.deepEqual((await keysOf(runs, 'a')).slice(-2), ['three', 'four']);
      assert.equal((await runs.files('a'))[0]?.hash, hashBytes('after'));
      assert.equal((await runs.files('f'))[0]?.hash, hashBytes('fork'));
    },
  },
  {
    promise: 'a fork with another brief has its text and its files, and what was recorded on top',
    async check(open) {
      const under = await open();
      const { runs, blobs } = under;
      await longJob(under);
      const hash = await blobs.put(Buffer.from('other seed'));
      const seeds = [{ path: 'new.md', hash, bytesSize: 10, version: 1 }];
      await runs.fork(tenant, forkOf('f', { brief: { brief: { text: 'Otherwise.' }, seeds } }));
      assert.deepEqual(await runs.brief('f'), { text: 'Otherwise.' });
      const paths = (await runs.files('f')).map(({ path }) => path);
      assert.deepEqual(paths, ['a.md', 'new.md']);
    },
  },
  {
    promise: 'a fork at a step that was never recorded is refused',
    async check(open) {
      const under = await open();
      await longJob(under);
      const refused = await under.runs.fork(tenant, forkOf('f', { step: 'never' }));
      assert.equal(refused.ok ? 'forked' : refused.failure.code, 'wrong-input');
      assert.equal(await under.runs.find(tenant, 'f'), null);
    },
  },
  {
    promise: 'a fork of a fork does otherwise what either says',
    async check(open) {
      const under = await open();
      const { runs } = under;
      await longJob(under);
      await runs.fork(tenant, forkOf('f', { patch: { model: 'big', prompts: { a: '1', b: '1' } } }));
      const again = { from: 'f', step: 'two', patch: { prompts: { b: '2' } } };
      const forked = await runs.fork(tenant, forkOf('g', again));
      assert(forked.ok);
      assert.deepEqual(forked.value.patch, { model: 'big', prompts: { a: '1', b: '2' }, skills: {} });
      assert.deepEqual(await keysOf(runs, 'g'), ['one']);
    },
  },
  {
    promise: 'only ended jobs that are old enough are removed, by state, and never beyond the limit',
    async check(open) {
      const { runs, pass } = await open();
      for (const state of ['queued', 'running', 'parked'] as const) {
        await jobIn(runs, state);
        if (state === 'queued') await runs.cancel(tenant, 'in-queued', { why: 'out of the way', by: 'ann' });
      }
      for (const id of ['a', 'b', 'c']) {
        await runs.settle(await begun(runs, id), ended('succeeded'));
        pass(1000);
      }
      await runs.settle(await begun(runs, 'kept'), ended('failed'));
      pass(100_000);
      const keepMs = { succeeded: 50_000, failed: 9e11, cancelled: 9e11, expired: 9e11 };
      const retention = await retentionNow(runs, { keepMs, limit: 2 });
      assert.deepEqual((await runs.vacuum(retention)).jobs, ['a', 'b']);
      assert.deepEqual((await runs.vacuum(retention)).jobs, ['c']);
      assert.deepEqual((await runs.vacuum(retention)).jobs, []);
      assert.equal(await runs.find(tenant, 'a'), null);
      assert.deepEqual([await runs.records('a'), await runs.events('a', 0, 9)], [[], []]);
      for (const id of ['in-running', 'in-parked', 'in-queued', 'kept']) await found(runs, id);
    },
  },
  {
    promise: 'a dry run says what would go, and removes nothing',
    async check(open) {
      const under = await open();
      const { runs, pass } = under;
      await runs.settle(await longJob(under), ended('succeeded'));
      pass(10_000);
      const retention = await retentionNow(runs, { keepMs: removeAll });
      const would = await runs.vacuum({ ...retention, dryRun: true });
      assert.deepEqual(would.jobs, ['a']);
      assert(would.blobs > 0 && would.bytesSize > 0);
      assert.notDeepEqual(await runs.records('a'), []);
      assert.deepEqual(await runs.vacuum(retention), would);
    },
  },
  {
    promise: 'a blob that a fork names stays when the job it came from is removed',
    async check(open) {
      const under = await open();
      const { runs, blobs, pass } = under;
      await runs.settle(await longJob(under), ended('succeeded'));
      await runs.fork(tenant, forkOf('f', {}));
      pass(10_000);
      await runs.vacuum(await retentionNow(runs, { keepMs: removeAll }));
      assert.equal(await runs.find(tenant, 'a'), null);
      assert.equal((await runs.records('f')).length, 3);
      for (const { hash } of await runs.files('f')) assert.notEqual(await blobs.get(hash), null);
      assert.deepEqual(await runs.brief('f'), { text: 'Write.' });
      assert.equal(await blobs.get(hashBytes('after')), null);
    },
  },
  {
    promise: 'a blob that nobody names yet is kept for its grace',
    async check(open) {
      const { runs, blobs, pass } = await open();
      const hash = await blobs.put(Buffer.from('about to be named'));
      const grace = { keepMs: removeAll, blobGraceMs: 60_000 };
      await runs.vacuum(await retentionNow(runs, grace));
      assert.notEqual(await blobs.get(hash), null);
      pass(120_000);
      assert.equal((await runs.vacuum(await retentionNow(runs, grace))).blobs > 0, true);
      assert.equal(await blobs.get(hash), null);
    },
  },
  {
    promise: 'a definition stays as long as a job names it',
    async check(open) {
      const { runs, pass } = await open();
      const team = { name: 'kit', definition: {}, toolCode: {} };
      for (const digest of ['used', 'unused']) await runs.keepTeam(digest, team);
      await runs.accept(newJob('a', { digest: 'used' }));
      pass(10_000);
      await runs.vacuum(await retentionNow(runs, { keepMs: removeAll }));
      assert.deepEqual([await runs.team('used'), await runs.team('unused')], [team, null]);
    },
  },
  {
    promise: 'a job that is parked or queued for years is never removed',
    async check(open) {
      const { runs } = await open();
      await runs.settle(await begun(runs, 'a'), parked([waitFor('go')]));
      await runs.accept(newJob('b'));
      const gone = await runs.vacuum({ ...(await retentionNow(runs, { keepMs: removeAll })), nowMs: 9e12 });
      assert.deepEqual(gone.jobs, []);
    },
  },
];

const removeAll = { succeeded: 0, failed: 0, cancelled: 0, expired: 0 };

/** Makes a retention by the store's own clock. */
export async function retentionNow(
  runs: RunStoreUnderTest['runs'],
  more: Partial<Retention>,
): Promise<Retention> {
  const id = `clock-${(await runs.list('clock', { limit: 200 })).items.length}`;
  const probe = await runs.accept(newJob(id, { tenant: 'clock', notBeforeMs: 9e12 }));
  assert(probe.type === 'accepted');
  const nowMs = probe.job.createdAtMs;
  return { nowMs, keepMs: removeAll, blobGraceMs: 0, limit: 100, dryRun: false, ...more };
}

/** Makes a fork of job `a` at its third step. */
export function forkOf(id: string, more: Partial<NewFork>): NewFork {
  const fork = { id, from: 'a', step: 'three', brief: null, digest: null, patch: null, labels: null };
  return { ...fork, by: 'local', ...more };
}

/** Brings job `a` to its third step. It has files, and a call that has not ended. */
export async function longJob({ runs, blobs }: RunStoreUnderTest) {
  const hash = await blobs.put(Buffer.from('seed'));
  const seeds = [{ path: 'seed.md', hash, bytesSize: 4, version: 1 }];
  const lease = await begun(runs, 'a', { seeds });
  const started = { type: 'started', kind: 'model', inputHash: 'h' } as const;
  const file = { path: 'a.md', text: long };
  await runs.append(lease, done('one', { changes: [{ ...file, version: 1 }], value: long.repeat(20) }));
  await runs.append(lease, { ...started, key: 'two' });
  await runs.append(lease, { ...started, key: 'open' });
  await runs.append(lease, done('two', { changes: [{ ...file, version: 2 }] }));
  const changes = [
    { path: 'a.md', version: 3, text: 'after' },
    { path: 'seed.md', version: 2, removed: true },
  ] as const;
  await runs.append(lease, done('three', { changes }));
  return lease;
}
