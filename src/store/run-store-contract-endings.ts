import assert from 'node:assert/strict';
import { isEnded, type JobRecord, type JobState, jobMoves, type Result } from '../core/index.ts';
import {
  begun,
  begunAgain,
  done,
  ended,
  found,
  handedOver,
  jobIn,
  keysOf,
  newJob,
  noCeilings,
  parked,
  signalOf,
  statesTold,
  tenant,
  waitFor,
} from './run-store-contract-jobs.ts';
import type { RunStorePromise } from './run-store-contract-promise.ts';

const states = Object.keys(jobMoves) as JobState[];

/** What a store promises of parking, signals, cancelling, retrying and deadlines. */
export const endingPromises: readonly RunStorePromise[] = [
  {
    promise: 'a parked job holds no worker, and says what it waits for',
    async check(open) {
      const { runs } = await open();
      const waits = [waitFor('go', { question: { ask: 'ok?' }, untilMs: 9e12 }), waitFor('stop')];
      const { record } = (await runs.settle(await begun(runs, 'a'), parked(waits))) ?? {};
      assert.deepEqual(record, await found(runs, 'a'));
      assert.deepEqual([record?.state, record?.worker, record?.waits], ['parked', null, waits]);
      assert.equal(record?.costMicroUsd, 3);
      assert.deepEqual(await runs.beat('w'), { alive: true, held: [] });
      assert.deepEqual(await runs.claim('w', { max: 1, ceilings: noCeilings }), []);
    },
  },
  {
    promise: 'a signal queues the job that is parked on it, and is kept for it',
    async check(open) {
      const { runs, reopen } = await open();
      await runs.settle(await begun(runs, 'a'), parked([waitFor('go')]));
      const signalled = await runs.signal(tenant, 'a', signalOf('go'));
      assert(signalled.ok);
      assert.deepEqual([signalled.value.state, signalled.value.waits], ['queued', []]);
      const again = await reopen();
      assert.equal((await begun(again.runs, 'later')).job, 'a');
      assert.deepEqual(await again.runs.takeSignal('a', waitFor('go')), { value: { said: 'go' } });
    },
  },
  {
    promise: 'a signal that nobody waits for wakes nobody, and is kept for later',
    async check(open) {
      const { runs } = await open();
      await runs.settle(await begun(runs, 'a'), parked([waitFor('go')]));
      await runs.signal(tenant, 'a', signalOf('other'));
      await runs.signal(tenant, 'a', signalOf('go', { key: 'another/step' }));
      assert.equal((await found(runs, 'a')).state, 'parked');
      assert.deepEqual(await runs.takeSignal('a', waitFor('other')), { value: { said: 'other' } });
      assert.equal(await runs.takeSignal('a', waitFor('go')), null);
    },
  },
  {
    promise: 'a job that parks on a signal which has come is queued at once',
    async check(open) {
      const { runs } = await open();
      const lease = await begun(runs, 'a');
      await runs.signal(tenant, 'a', signalOf('go'));
      assert.equal((await found(runs, 'a')).state, 'running');
      assert.equal((await runs.settle(lease, parked([waitFor('go')])))?.record.state, 'queued');
    },
  },
  {
    promise: 'a job that parks on a time which is over is queued at once',
    async check(open) {
      const { runs } = await open();
      const ending = parked([waitFor('go'), waitFor(null, { untilMs: 1 })]);
      assert.equal((await runs.settle(await begun(runs, 'a'), ending))?.record.state, 'queued');
    },
  },
  {
    promise: 'a value that names a key is for that wait alone, and goes before one that does not',
    async check(open) {
      const { runs } = await open();
      const lease = await begun(runs, 'a');
      const [one, two] = [waitFor('go', { key: 'one' }), waitFor('go', { key: 'two' })];
      await runs.signal(tenant, 'a', signalOf('go', { value: 'any' }));
      await runs.signal(tenant, 'a', signalOf('go', { value: 'for two', key: 'two' }));
      assert.equal((await runs.settle(lease, parked([one, two])))?.record.state, 'queued');
      assert.deepEqual(await runs.takeSignal('a', two), { value: 'for two' });
      assert.deepEqual(await runs.takeSignal('a', one), { value: 'any' });
    },
  },
  {
    promise: 'a value is used once, and the wait that took it gets it again',
    async check(open) {
      const { runs, reopen } = await open();
      await begun(runs, 'a');
      await runs.signal(tenant, 'a', signalOf('go', { value: 1 }));
      await runs.signal(tenant, 'a', signalOf('go', { value: 2 }));
      const first = waitFor('go', { key: 'first' });
      assert.deepEqual(await runs.takeSignal('a', first), { value: 1 });
      const again = (await reopen()).runs;
      assert.deepEqual(await again.takeSignal('a', first), { value: 1 });
      assert.deepEqual(await again.takeSignal('a', waitFor('go', { key: 'second' })), { value: 2 });
      assert.equal(await again.takeSignal('a', waitFor('go', { key: 'third' })), null);
    },
  },
  {
    promise: 'a signal with an id counts once, also after the job has ended',
    async check(open) {
      const { runs } = await open();
      const lease = await begun(runs, 'a');
      for (const value of [1, 2]) await runs.signal(tenant, 'a', signalOf('go', { id: 'once', value }));
      assert.deepEqual(await runs.takeSignal('a', waitFor('go', { key: 'first' })), { value: 1 });
      assert.equal(await runs.takeSignal('a', waitFor('go', { key: 'second' })), null);
      await runs.settle(lease, ended('succeeded'));
      assert((await runs.signal(tenant, 'a', signalOf('go', { id: 'once' }))).ok);
      assertRefused(await runs.signal(tenant, 'a', signalOf('go', { id: 'new' })));
    },
  },
  {
    promise: 'a wait that runs out queues its job, no sooner',
    async check(open) {
      const { runs, pass } = await open();
      const lease = await begun(runs, 'a');
      const { startedAtMs } = await found(runs, 'a');
      const untilMs = (startedAtMs ?? 0) + 50_000;
      await runs.settle(
        lease,
        parked([waitFor('go', { untilMs: untilMs + 9000 }), waitFor('b', { untilMs })]),
      );
      assert.deepEqual(await runs.tend(), []);
      pass(50_000);
      assert.deepEqual(
        (await runs.tend()).map(({ id, state }) => [id, state]),
        [['a', 'queued']],
      );
      assert.deepEqual(await runs.tend(), []);
    },
  },
  {
    promise: 'a job that has not ended by its deadline expires',
    async check(open) {
      const { runs, pass } = await open();
      await runs.settle(await begun(runs, 'any-time'), parked([waitFor('go')]));
      const deadlineAtMs = (await found(runs, 'any-time')).createdAtMs + 100_000;
      await runs.settle(await begun(runs, 'parked', { deadlineAtMs }), parked([waitFor('go')]));
      await runs.accept(newJob('queued', { deadlineAtMs }));
      assert.deepEqual(await runs.tend(), []);
      pass(100_000);
      const expired = (await runs.tend()).toSorted((a, b) => (a.id < b.id ? -1 : 1));
      assert.deepEqual(
        expired.map(({ id, state, failure }) => [id, state, failure?.code]),
        [
          ['parked', 'expired', 'deadline-passed'],
          ['queued', 'expired', 'deadline-passed'],
        ],
      );
      assert.deepEqual(await runs.tend(), []);
      assert.equal((await begun(runs, 'next')).job, 'next');
    },
  },
  {
    promise: 'a job whose deadline has passed is not begun',
    async check(open) {
      const { runs } = await open();
      await begun(runs, 'a');
      await runs.accept(newJob('late', { deadlineAtMs: 1 }));
      assert.deepEqual(await runs.claim('w', { max: 1, ceilings: noCeilings }), []);
      assert.equal((await found(runs, 'late')).state, 'expired');
    },
  },
  {
    promise: 'a running job past its deadline is left to its worker for a while, then it expires',
    async check(open) {
      const { runs, pass } = await open();
      await runs.cancel(tenant, (await jobIn(runs, 'queued', 'before')).job, {
        why: 'it only tells the time',
        by: 'ann',
      });
      const deadlineAtMs = (await found(runs, 'before')).createdAtMs + 5000;
      const lease = await begun(runs, 'a', { deadlineAtMs });
      pass(10_000);
      assert.deepEqual(await runs.tend(), []);
      assert.equal(await runs.append(lease, done('paid')), 'kept');
      pass(40_000);
      assert.equal((await runs.tend())[0]?.state, 'expired');
      assert.equal(await runs.settle(lease, ended('succeeded')), null);
      assert.deepEqual(await keysOf(runs, 'a'), ['paid']);
    },
  },
  {
    promise: 'cancelling a job that nobody works on ends it at once, and takes it out of the line',
    async check(open) {
      const { runs } = await open();
      for (const state of ['queued', 'parked'] as const) {
        const { job } = await jobIn(runs, state);
        const cancelled = await runs.cancel(tenant, job, { why: 'enough', by: 'ann' });
        assert(cancelled.ok);
        assert.deepEqual([cancelled.value.state, cancelled.value.failure?.code], ['cancelled', 'cancelled']);
        assert.equal(await runs.output(job), null);
      }
      const lease = await begun(runs, 'next');
      assert.equal(lease.job, 'next');
    },
  },
  {
    promise: 'cancelling a running job asks its worker, whose word counts',
    async check(open) {
      const { runs } = await open();
      const lease = await begun(runs, 'a');
      const asked = await runs.cancel(tenant, 'a', { why: 'enough', by: 'ann' });
      assert(asked.ok);
      assert.deepEqual(
        [asked.value.state, asked.value.cancelAsked, asked.value.version],
        ['running', true, 3],
      );
      assert.deepEqual(await runs.cancel(tenant, 'a', { why: 'again', by: 'ann' }), asked);
      assert.equal(await runs.append(lease, done('paid')), 'kept');
      assert.equal((await runs.settle(lease, ended('succeeded')))?.record.state, 'succeeded');
    },
  },
  {
    promise: 'what an ending tells last stands before its move, or nowhere',
    async check(open) {
      const { runs } = await open();
      const lease = await begun(runs, 'a');
      await runs.emit(lease, [{ type: 'warning', message: 'before' }]);
      const events = [
        { type: 'warning', message: 'last' },
        { type: 'job-ended', outcome: 'done', code: null },
      ] as const;
      const ending = { ...ended('succeeded'), events };
      assert.equal(await runs.settle({ ...lease, epoch: lease.epoch + 1 }, ending), null);
      assert.equal((await runs.settle(lease, ending))?.record.state, 'succeeded');
      assert.equal(await runs.settle(lease, ending), null);
      const told = (await runs.events('a', 0, 100)).map(({ type, seq }) => `${seq} ${type}`);
      assert.deepEqual(told.slice(2), ['3 warning', '4 warning', '5 job-ended', '6 job-moved']);
    },
  },
  {
    promise: 'a job that parks or is handed over although its end was asked for is cancelled',
    async check(open) {
      const { runs } = await open();
      for (const [id, ending] of Object.entries({ a: parked([waitFor('go')]), b: handedOver })) {
        const lease = await begun(runs, id);
        await runs.cancel(tenant, id, { why: 'enough', by: 'ann' });
        assert.equal((await runs.settle(lease, ending))?.record.state, 'cancelled');
      }
    },
  },
  {
    promise: 'a retried job goes on with what it has recorded, and nothing else of its end',
    async check(open) {
      const { runs } = await open();
      const lease = await begun(runs, 'a', { deadlineAtMs: 9e12 });
      await runs.append(lease, done('s'));
      await runs.cancel(tenant, 'a', { why: 'enough', by: 'ann' });
      await runs.settle(lease, ended('cancelled'));
      const retried = await runs.retry(tenant, 'a', { why: 'once more', by: 'ann' });
      assert(retried.ok);
      const { state, failure, endedAtMs, cancelAsked, attempts, deadlineAtMs } = retried.value;
      assert.deepEqual([state, failure, endedAtMs, cancelAsked, attempts], ['queued', null, null, false, 0]);
      assert.equal(deadlineAtMs, 9e12);
      assert.equal(await runs.output('a'), null);
      assert.equal((await begunAgain(runs)).epoch, 2);
      assert.deepEqual(await keysOf(runs, 'a'), ['s']);
    },
  },
  {
    promise: 'an expired job that is retried has no deadline any more',
    async check(open) {
      const { runs } = await open();
      await runs.accept(newJob('a', { deadlineAtMs: 1 }));
      assert.equal((await runs.tend())[0]?.state, 'expired');
      await runs.retry(tenant, 'a', { why: 'all the same', by: 'ann' });
      assert.deepEqual(await runs.tend(), []);
      assert.equal((await begun(runs, 'b')).job, 'a');
    },
  },
  ...states.map(
    (state): RunStorePromise => ({
      promise: `a job that is ${state} makes no move but those of the table`,
      async check(open) {
        const { runs } = await open();
        const lease = await jobIn(runs, state);
        const before = await found(runs, lease.job);
        const told = await statesTold(runs, lease.job);
        const mayBeCancelled = !isEnded(state);
        const mayBeRetried = isEnded(state) && state !== 'succeeded';
        const stale = { ...lease, epoch: lease.epoch + (state === 'running' ? 1 : 0) };
        for (const to of ['succeeded', 'failed', 'cancelled', 'expired'] as const) {
          assert.equal(await runs.settle(stale, ended(to)), null);
        }
        assert.equal(await runs.settle(stale, parked([waitFor('go')])), null);
        assert.equal(await runs.settle(stale, handedOver), null);
        if (isEnded(state)) assertRefused(await runs.signal(tenant, lease.job, signalOf('go')));
        if (!mayBeCancelled) assertRefused(await runs.cancel(tenant, lease.job, { why: 'no', by: 'ann' }));
        if (!mayBeRetried) assertRefused(await runs.retry(tenant, lease.job, { why: 'no', by: 'ann' }));
        if (state !== 'queued') {
          assert.deepEqual(await runs.claim('w', { max: 5, ceilings: noCeilings }), []);
        }
        assert.deepEqual([await runs.reclaim(), await runs.tend()], [[], []]);
        assert.deepEqual(await found(runs, lease.job), before);
        assert.deepEqual(await statesTold(runs, lease.job), told);
      },
    }),
  ),
];

function assertRefused(result: Result<JobRecord>): void {
  assert.equal(result.ok ? result.value.state : result.failure.code, 'wrong-state');
}
