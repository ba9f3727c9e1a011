import assert from 'node:assert/strict';
import type { FileInfo, Retention } from '../core/index.ts';
import {
  begun,
  enrol,
  found,
  leaseMs,
  newJob,
  parked,
  signalOf,
  tenant,
  waitFor,
} from './run-store-contract-jobs.ts';
import type { RunStorePromise } from './run-store-contract-promise.ts';

/** As many signals as a job keeps unused. */
const signalsMax = 1_000;
/** More blobs than are looked at in one transaction. */
const manyBlobs = 1_500;

const keepNothing: Omit<Retention, 'nowMs' | 'dryRun'> = {
  keepMs: { succeeded: 0, failed: 0, cancelled: 0, expired: 0 },
  blobGraceMs: 0,
  limit: 100,
};

/** What a store promises where there is very much of something, or nothing is allowed. */
export const limitPromises: readonly RunStorePromise[] = [
  {
    promise:
      'where tenants may have nothing but what they were given, those that were given something get it',
    async check(open) {
      const { runs } = await open();
      await enrol(runs, 'w');
      for (let at = 0; at < 5; at++) {
        await runs.accept(newJob(`other-${at}`, { tenant: 'other' }));
        await runs.accept(newJob(`given-${at}`, { tenant: 'given' }));
      }
      const ceilings = { others: 0, tenants: { given: 1000 } };
      const claims = await runs.claim('w', { max: 10, ceilings });
      assert.deepEqual(
        claims.map(({ job }) => job).toSorted(),
        [0, 1, 2, 3, 4].map((at) => `given-${at}`),
      );
      assert.deepEqual(await runs.claim('w', { max: 10, ceilings }), []);
      assert.equal((await runs.claim('w', { max: 10, ceilings: { others: null, tenants: {} } })).length, 5);
    },
  },
  {
    promise: 'a cancelled job whose worker was lost says both',
    async check(open) {
      const { runs, pass } = await open();
      await begun(runs, 'a');
      await runs.cancel(tenant, 'a', { why: 'enough', by: 'ann' });
      pass(leaseMs);
      await runs.reclaim();
      assert.deepEqual((await found(runs, 'a')).failure, {
        code: 'cancelled',
        message: 'The job was cancelled; its worker was lost.',
      });
    },
  },
  {
    promise: 'a job keeps so many signals that it has not used, and no more; used ones make room',
    async check(open) {
      const { runs } = await open();
      const lease = await begun(runs, 'a');
      for (let at = 0; at < signalsMax; at += 100) {
        const some = Array.from({ length: 100 }, (_, index) => signalOf('go', { value: at + index }));
        await Promise.all(some.map((signal) => runs.signal(tenant, 'a', signal)));
      }
      const refused = await runs.signal(tenant, 'a', signalOf('go'));
      assert.equal(refused.ok ? 'kept' : refused.failure.code, 'too-many-requests');
      assert.notEqual(await runs.takeSignal('a', { key: 'wait', signal: 'go' }), null);
      assert((await runs.signal(tenant, 'a', signalOf('last', { key: 'other' }))).ok);
      assert.deepEqual(await runs.takeSignal('a', { key: 'other', signal: 'go' }), {
        value: { said: 'last' },
      });
      assert.equal(
        (await runs.settle(lease, parked([waitFor('nothing'), waitFor('go')])))?.record.state,
        'queued',
      );
    },
  },
  {
    promise: 'the newest event is given alone',
    async check(open) {
      const { runs } = await open();
      assert.equal(await runs.newestEvent('a'), null);
      const lease = await begun(runs, 'a');
      await runs.emit(lease, [{ type: 'warning', message: 'one' }]);
      assert.deepEqual((await runs.events('a', 0, 10)).at(-1), await runs.newestEvent('a'));
    },
  },
  {
    promise: 'events keep the times at which they happened, in their order and never later than now',
    async check(open) {
      const { runs } = await open();
      const lease = await begun(runs, 'a');
      const nowMs = (await runs.newestEvent('a'))?.atMs ?? 0;
      const at = (message: string, atMs: number) => ({ type: 'warning', message, atMs }) as const;
      const events = [at('a', nowMs - 50), at('b', nowMs - 20), at('c', nowMs - 30), at('d', 9e12)];
      const kept = await runs.emit(lease, events);
      const times = kept?.map(({ atMs }) => atMs) ?? [];
      assert.deepEqual(times.slice(0, 3), [nowMs - 50, nowMs - 20, nowMs - 20]);
      assert((times[3] ?? 0) < 9e12);
      assert.deepEqual((await runs.events('a', 2, 10)).slice(0, 4), kept);
    },
  },
  {
    promise: 'blobs that nobody names are found behind however many that are in use, each once',
    async check(open) {
      const { runs, blobs, pass } = await open();
      const put = async (name: string, count: number): Promise<readonly string[]> =>
        await Promise.all(
          Array.from({ length: count }, (_, at) => blobs.put(new TextEncoder().encode(`${name} ${at}`))),
        );
      const used = await put('used', manyBlobs);
      const seeds = used.map((hash, at): FileInfo => ({ path: `f-${at}`, hash, bytesSize: 8, version: 1 }));
      await runs.accept(newJob('a', { seeds }));
      pass(5);
      const loose = await put('loose', 500);
      pass(5);
      const nowMs = (await found(runs, 'a')).createdAtMs + 1_000_000;
      const would = await runs.vacuum({ ...keepNothing, nowMs, dryRun: true });
      const gone = await runs.vacuum({ ...keepNothing, nowMs, dryRun: false });
      assert.deepEqual(gone, would);
      assert.deepEqual([gone.jobs, gone.blobs], [[], 500]);
      assert.equal((await blobs.getAll(loose)).size, 0);
      assert.equal((await blobs.getAll(used)).size, manyBlobs);
    },
  },
];
