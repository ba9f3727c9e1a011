import assert from 'node:assert/strict';
import type { Ending, Lease, RunStore, StepRecord } from '../core/index.ts';
import {
  done,
  ended,
  enrol,
  found,
  handedOver,
  keysOf,
  newJob,
  noCeilings,
  outputOf,
  parked,
  signalOf,
  statesTold,
  tenant,
  waitFor,
} from './run-store-contract-jobs.ts';
import type { RunStorePromise } from './run-store-contract-promise.ts';

/** An output that is too long to be kept with the others. */
const long = 'long '.repeat(20_000);

/** What a store promises of endings and records that come together. */
export const settlePromises: readonly RunStorePromise[] = [
  {
    promise: 'endings that come together end each job in its own way',
    async check(open) {
      const { runs, reopen } = await open();
      const endings = {
        done: ended('succeeded', { text: 'well' }),
        broken: ended('failed', { text: long }),
        waiting: parked([waitFor('go')]),
        answered: parked([waitFor('come')]),
        drained: handedOver,
        unwanted: handedOver,
      };
      const leases = await begunTogether(runs, [...Object.keys(endings), 'lost']);
      await runs.signal(tenant, 'answered', signalOf('come'));
      await runs.cancel(tenant, 'unwanted', { why: 'enough', by: 'ann' });
      const lost = leaseOf(leases, 'lost');
      const settled = await Promise.all([
        runs.settle({ ...lost, epoch: lost.epoch + 1 }, ended('succeeded')),
        ...Object.entries(endings).map(([id, ending]) => runs.settle(leaseOf(leases, id), ending)),
      ]);
      assert.deepEqual(
        settled.map((each) => each && [each.record.id, each.record.state]),
        [
          null,
          ['done', 'succeeded'],
          ['broken', 'failed'],
          ['waiting', 'parked'],
          ['answered', 'queued'],
          ['drained', 'queued'],
          ['unwanted', 'cancelled'],
        ],
      );
      const again = await reopen();
      for (const each of settled) {
        if (each === null) continue;
        assert.deepEqual(await found(again.runs, each.record.id), each.record);
        const told = await statesTold(again.runs, each.record.id);
        assert.deepEqual(told, ['queued', 'running', each.record.state]);
      }
      assert.deepEqual(await again.runs.output('done'), outputOf({ text: 'well' }));
      assert.deepEqual(await again.runs.output('broken'), outputOf({ text: long }));
      assert.equal((await found(again.runs, 'lost')).state, 'running');
      await enrol(again.runs, 'w');
      const next = await again.runs.claim('w', { max: 9, ceilings: noCeilings });
      assert.deepEqual(next.map(({ job }) => job).toSorted(), ['answered', 'drained']);
    },
  },
  {
    promise: 'of two endings of one job that come together, the first one counts',
    async check(open) {
      const { runs } = await open();
      const [lease] = await begunTogether(runs, ['a']);
      assert(lease !== undefined);
      const settled = await Promise.all([
        runs.settle(lease, parked([waitFor('go')])),
        runs.settle(lease, parked([waitFor('stop')])),
      ]);
      assert.deepEqual(
        settled.map((each) => each?.record.waits ?? null),
        [[waitFor('go')], null],
      );
      assert.deepEqual(await statesTold(runs, 'a'), ['queued', 'running', 'parked']);
    },
  },
  {
    promise: 'an ending that cannot be kept leaves its neighbours alone',
    async check(open) {
      const { runs } = await open();
      const leases = await begunTogether(runs, ['a', 'bad', 'z']);
      const unspeakable = { ...ended('succeeded'), costMicroUsd: 1n as unknown as number };
      const settled = await Promise.allSettled([
        runs.settle(leaseOf(leases, 'a'), ended('succeeded')),
        runs.settle(leaseOf(leases, 'bad'), unspeakable),
        runs.settle(leaseOf(leases, 'z'), ended('failed')),
      ]);
      assert.deepEqual(
        settled.map(({ status }) => status),
        ['fulfilled', 'rejected', 'fulfilled'],
      );
      for (const [id, state] of Object.entries({ a: 'succeeded', bad: 'running', z: 'failed' })) {
        assert.equal((await found(runs, id)).state, state);
        const told = await statesTold(runs, id);
        assert.deepEqual(told, ['queued', 'running', ...(id === 'bad' ? [] : [state])]);
      }
      const mended = await runs.settle(leaseOf(leases, 'bad'), ended('succeeded'));
      assert.equal(mended?.record.state, 'succeeded');
    },
  },
  {
    promise: 'a record that cannot be kept takes along those after it of its job, and nobody else',
    async check(open) {
      const { runs } = await open();
      const leases = await begunTogether(runs, ['a', 'b']);
      const told: readonly (readonly [string, StepRecord])[] = [
        ['a', done('one')],
        ['a', done('two', { value: 2n as unknown as number })],
        ['b', done('one')],
        ['a', done('three')],
        ['b', done('two')],
      ];
      const kept = await Promise.allSettled(
        told.map(([id, record]) => runs.append(leaseOf(leases, id), record)),
      );
      assert.deepEqual(
        kept.map(({ status }) => status),
        ['fulfilled', 'rejected', 'fulfilled', 'rejected', 'fulfilled'],
      );
      assert.deepEqual(await keysOf(runs, 'a'), ['one']);
      assert.deepEqual(await keysOf(runs, 'b'), ['one', 'two']);
      // Whoever knows of it may go on.
      assert.equal(await runs.append(leaseOf(leases, 'a'), done('two')), 'kept');
      assert.deepEqual(await keysOf(runs, 'a'), ['one', 'two']);
    },
  },
  {
    promise: 'whoever lets go of a job is given what the stream was told by that',
    async check(open) {
      const { runs } = await open();
      const leases = await begunTogether(runs, ['a', 'b', 'c']);
      const events = [{ type: 'job-ended', outcome: 'done', code: null }] as const;
      await runs.emit(leaseOf(leases, 'a'), [{ type: 'warning', message: 'before' }]);
      const told = { ...ended('succeeded'), events };
      const endings: Readonly<Record<string, Ending>> = {
        a: told,
        b: parked([waitFor('go')]),
        c: handedOver,
      };
      const settled = await Promise.all(
        Object.entries(endings).map(([id, ending]) => runs.settle(leaseOf(leases, id), ending)),
      );
      for (const [at, id] of Object.keys(endings).entries()) {
        const after = id === 'a' ? 3 : 2;
        assert.deepEqual(settled[at]?.events, await runs.events(id, after, 9));
      }
    },
  },
  {
    promise: 'of records that come together, the newest of a file is what the job has',
    async check(open) {
      const { runs } = await open();
      const leases = await begunTogether(runs, ['a', 'b']);
      const told: readonly (readonly [string, StepRecord])[] = [
        ['a', wrote('out.md', 1)],
        ['b', wrote('out.md', 1)],
        ['a', wrote('out.md', 2)],
        ['a', wrote('gone.md', 1)],
        ['a', done('gone.md', { changes: [{ path: 'gone.md', version: 2, removed: true }] })],
        ['b', done('back.md', { changes: [{ path: 'back.md', version: 1, removed: true }] })],
        ['b', wrote('back.md', 2)],
      ];
      const kept = await Promise.all(told.map(([id, record]) => runs.append(leaseOf(leases, id), record)));
      assert.equal(
        kept.every((each) => each === 'kept'),
        true,
      );
      const files = async (id: string) => (await runs.files(id)).map(({ path, version }) => [path, version]);
      assert.deepEqual(await files('a'), [['out.md', 2]]);
      assert.deepEqual(await files('b'), [
        ['back.md', 2],
        ['out.md', 1],
      ]);
    },
  },
];

/** Accepts jobs and lets worker `w` begin them all. */
async function begunTogether(runs: RunStore, ids: readonly string[]): Promise<readonly Lease[]> {
  await enrol(runs, 'w');
  for (const id of ids) await runs.accept(newJob(id));
  const claims = await runs.claim('w', { max: ids.length, ceilings: noCeilings });
  return claims.map(({ job, epoch }) => ({ job, epoch }));
}

function leaseOf(leases: readonly Lease[], id: string): Lease {
  const lease = leases.find(({ job }) => job === id);
  assert(lease !== undefined, `job ${id} was begun`);
  return lease;
}

function wrote(path: string, version: number): StepRecord {
  return done(path, { changes: [{ path, version, text: `${path} ${version}` }] });
}
