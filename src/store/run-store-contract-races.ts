import assert from 'node:assert/strict';
import { endedStates, isEnded, type JobState, type Lease, type RunStore } from '../core/index.ts';
import { forkOf, longJob, retentionNow } from './run-store-contract-forks.ts';
import {
  begun,
  begunAgain,
  done,
  ended,
  enrol,
  found,
  handedOver,
  jobIn,
  keysOf,
  leaseMs,
  newJob,
  noCeilings,
  parked,
  signalOf,
  statesTold,
  tenant,
  waitFor,
} from './run-store-contract-jobs.ts';
import type { RunStorePromise, RunStoreUnderTest } from './run-store-contract-promise.ts';

/** Two who do something to one job: in either order, or at once. */
interface Race {
  readonly pair: string;
  readonly holds: string;
  /** Brings the job to where both may act on it. */
  ready(under: RunStoreUnderTest): Promise<Lease>;
  one(under: RunStoreUnderTest, lease: Lease): Promise<unknown>;
  other(under: RunStoreUnderTest, lease: Lease): Promise<unknown>;
  /** What must be true afterwards, whoever came first; gets what both were told. */
  check(under: RunStoreUnderTest, lease: Lease, told: readonly [unknown, unknown]): Promise<unknown>;
}

const atDeadline = 1000;

const races: readonly Race[] = [
  {
    pair: 'cancel and finish',
    holds: 'the job has ended once, as finished or as it was asked',
    ready: ({ runs }) => begun(runs, 'a'),
    one: ({ runs }) => runs.cancel(tenant, 'a', { why: 'enough', by: 'ann' }),
    other: ({ runs }, lease) => runs.settle(lease, ended('succeeded')),
    check: async ({ runs }) => assert.equal(await outcomeOf(runs, 'a'), 'succeeded'),
  },
  {
    pair: 'lease loss and finish',
    holds: 'the job has ended once, or is queued and its stale worker changed nothing',
    async ready({ runs, pass }) {
      const lease = await begun(runs, 'a');
      pass(leaseMs);
      return lease;
    },
    one: ({ runs }) => runs.reclaim(),
    other: ({ runs }, lease) => runs.settle(lease, ended('succeeded')),
    async check({ runs }, _, [, settled]) {
      assert.equal((await found(runs, 'a')).state, settled === null ? 'queued' : 'succeeded');
      if (settled === null) {
        await enrol(runs, 'w');
        await runs.settle(await begunAgain(runs), ended('failed'));
      }
      await outcomeOf(runs, 'a');
    },
  },
  {
    pair: 'two accepts with one key',
    holds: 'there is one job, and both are told of it',
    ready: async () => ({ job: 'a', epoch: 0 }),
    one: ({ runs }) => runs.accept(newJob('a', { idempotency: { key: 'k', bodyHash: 'b' } })),
    other: ({ runs }) => runs.accept(newJob('b', { idempotency: { key: 'k', bodyHash: 'b' } })),
    async check({ runs }, _, told) {
      const answers = told as readonly Awaited<ReturnType<RunStore['accept']>>[];
      assert.deepEqual(answers.map(({ type }) => type).toSorted(), ['accepted', 'known']);
      const ids = answers.map((answer) => (answer.type === 'conflict' ? answer.id : answer.job.id));
      assert.equal(new Set(ids).size, 1);
      assert.equal((await runs.count(null)).queued, 1);
      await begun(runs, 'next', { priority: -1 });
      assert.equal((await found(runs, ids[0] ?? '')).state, 'running');
    },
  },
  {
    pair: 'signal and timeout',
    holds: 'the job goes on once, and the value is there for it',
    async ready(under) {
      const { runs, pass } = under;
      const lease = await begun(runs, 'a');
      const untilMs = ((await found(runs, 'a')).startedAtMs ?? 0) + atDeadline;
      await runs.settle(lease, parked([waitFor('go', { untilMs })]));
      pass(atDeadline);
      return lease;
    },
    one: ({ runs }) => runs.signal(tenant, 'a', signalOf('go')),
    other: ({ runs }) => runs.tend(),
    async check({ runs }) {
      assert.deepEqual(await statesTold(runs, 'a'), ['queued', 'running', 'parked', 'queued']);
      assert.equal((await begunAgain(runs)).epoch, 2);
      assert.deepEqual(await runs.takeSignal('a', waitFor('go')), { value: { said: 'go' } });
    },
  },
  {
    pair: 'signal and park',
    holds: 'the job never sleeps over a value that has come',
    ready: ({ runs }) => begun(runs, 'a'),
    one: ({ runs }) => runs.signal(tenant, 'a', signalOf('go')),
    other: ({ runs }, lease) => runs.settle(lease, parked([waitFor('go')])),
    async check({ runs }) {
      assert.equal((await found(runs, 'a')).state, 'queued');
      assert.equal((await begunAgain(runs)).epoch, 2);
      assert.deepEqual(await runs.takeSignal('a', waitFor('go')), { value: { said: 'go' } });
    },
  },
  {
    pair: 'fork and vacuum',
    holds: 'there is no fork, or it has everything it names',
    async ready(under) {
      const lease = await longJob(under);
      await under.runs.settle(lease, ended('succeeded'));
      under.pass(10_000);
      return lease;
    },
    one: ({ runs }) => runs.fork(tenant, forkOf('f', {})),
    other: async ({ runs }) => runs.vacuum(await retentionNow(runs, {})),
    async check({ runs, blobs }) {
      assert.equal(await runs.find(tenant, 'a'), null);
      if ((await runs.find(tenant, 'f')) === null) return;
      assert.equal((await runs.records('f')).length, 3);
      assert.deepEqual(await runs.brief('f'), { text: 'Write.' });
      for (const { hash } of await runs.files('f')) assert.notEqual(await blobs.get(hash), null);
    },
  },
  {
    pair: 'handing over and claiming',
    holds: 'the job runs under one lease at most, a new one',
    ready: ({ runs }) => begun(runs, 'a'),
    one: ({ runs }, lease) => runs.settle(lease, handedOver),
    other: ({ runs }) => runs.claim('w', { max: 1, ceilings: noCeilings }),
    async check({ runs }, lease, [, claims]) {
      const { state, epoch } = await found(runs, 'a');
      const isTaken = (claims as readonly unknown[]).length === 1;
      assert.deepEqual([state, epoch], isTaken ? ['running', 2] : ['queued', 1]);
      assert.equal(await runs.append(lease, done('stale')), 'fenced');
    },
  },
  {
    pair: 'cancel and claim',
    holds: 'the job is cancelled, or runs and its worker is asked; it never stands in line',
    async ready({ runs }) {
      await enrol(runs, 'w');
      return await jobIn(runs, 'queued', 'a');
    },
    one: ({ runs }) => runs.cancel(tenant, 'a', { why: 'enough', by: 'ann' }),
    other: ({ runs }) => runs.claim('w', { max: 1, ceilings: noCeilings }),
    async check({ runs }, _, [, claims]) {
      const { state, cancelAsked } = await found(runs, 'a');
      const isTaken = (claims as readonly unknown[]).length === 1;
      assert.deepEqual([state, cancelAsked], isTaken ? ['running', true] : ['cancelled', false]);
      assert.deepEqual(await runs.claim('w', { max: 1, ceilings: noCeilings }), []);
    },
  },
  {
    pair: 'retry and vacuum',
    holds: 'the job is gone, or is queued and has its brief and its records',
    async ready(under) {
      const lease = await longJob(under);
      await under.runs.settle(lease, ended('failed'));
      under.pass(10_000);
      return lease;
    },
    one: ({ runs }) => runs.retry(tenant, 'a', { why: 'again', by: 'ann' }),
    other: async ({ runs }) => runs.vacuum(await retentionNow(runs, {})),
    async check({ runs }) {
      const job = await runs.find(tenant, 'a');
      assert.deepEqual(await keysOf(runs, 'a'), job === null ? [] : ['one', 'two', 'open', 'two', 'three']);
      if (job === null) return;
      assert.equal(job.state, 'queued');
      assert.deepEqual(await runs.brief('a'), { text: 'Write.' });
      assert.equal((await begunAgain(runs)).epoch, 2);
    },
  },
  {
    pair: 'cancel and park',
    holds: 'the job is cancelled, once',
    ready: ({ runs }) => begun(runs, 'a'),
    one: ({ runs }) => runs.cancel(tenant, 'a', { why: 'enough', by: 'ann' }),
    other: ({ runs }, lease) => runs.settle(lease, parked([waitFor('go')])),
    check: async ({ runs }) => assert.equal(await outcomeOf(runs, 'a'), 'cancelled'),
  },
  {
    pair: 'reclaim and append',
    holds: 'the record is kept before the lease ended, or not at all',
    async ready({ runs, pass }) {
      const lease = await begun(runs, 'a');
      pass(leaseMs);
      return lease;
    },
    one: ({ runs }) => runs.reclaim(),
    other: ({ runs }, lease) => runs.append(lease, done('s')),
    async check({ runs }, lease, [, answer]) {
      assert.deepEqual(await keysOf(runs, 'a'), answer === 'kept' ? ['s'] : []);
      assert.equal((await found(runs, 'a')).epoch, 2);
      assert.equal(await runs.append(lease, done('later')), 'fenced');
    },
  },
  {
    pair: 'reclaim and park',
    holds: 'the job is parked or queued, and a stale worker parks nothing',
    async ready({ runs, pass }) {
      const lease = await begun(runs, 'a');
      pass(leaseMs);
      return lease;
    },
    one: ({ runs }) => runs.reclaim(),
    other: ({ runs }, lease) => runs.settle(lease, parked([waitFor('go')])),
    async check({ runs }, _, [reclaimed, settled]) {
      const { state, epoch, waits } = await found(runs, 'a');
      const isParked = settled !== null;
      assert.deepEqual([state, epoch, waits.length], isParked ? ['parked', 1, 1] : ['queued', 2, 0]);
      assert.deepEqual(reclaimed, isParked ? [] : ['a']);
    },
  },
  {
    pair: 'two claims of one job',
    holds: 'one worker has it',
    async ready({ runs }) {
      for (const id of ['w', 'w2']) await enrol(runs, id);
      return await jobIn(runs, 'queued', 'a');
    },
    one: ({ runs }) => runs.claim('w', { max: 2, ceilings: noCeilings }),
    other: ({ runs }) => runs.claim('w2', { max: 2, ceilings: noCeilings }),
    async check({ runs }, _, told) {
      assert.equal(told.flat().length, 1);
      assert.deepEqual(await statesTold(runs, 'a'), ['queued', 'running']);
    },
  },
  {
    pair: 'signal and cancel',
    holds: 'the job is cancelled, and stands in no line',
    ready: ({ runs }) => jobIn(runs, 'parked', 'a'),
    one: ({ runs }) => runs.signal(tenant, 'a', signalOf('go')),
    other: ({ runs }) => runs.cancel(tenant, 'a', { why: 'enough', by: 'ann' }),
    async check({ runs }) {
      assert.equal(await outcomeOf(runs, 'a'), 'cancelled');
      assert.deepEqual(await runs.claim('w', { max: 1, ceilings: noCeilings }), []);
    },
  },
  {
    pair: 'deadline and finish',
    holds: 'the job has ended once',
    async ready({ runs, pass }) {
      await runs.cancel(tenant, (await jobIn(runs, 'queued', 'before')).job, {
        why: 'it only tells the time',
        by: 'ann',
      });
      const deadlineAtMs = (await found(runs, 'before')).createdAtMs + 10_000;
      const lease = await begun(runs, 'a', { deadlineAtMs });
      pass(50_000);
      return lease;
    },
    one: ({ runs }) => runs.tend(),
    other: ({ runs }, lease) => runs.settle(lease, ended('succeeded')),
    async check({ runs }, _, [, settled]) {
      assert.equal(await outcomeOf(runs, 'a'), settled === null ? 'expired' : 'succeeded');
    },
  },
  {
    pair: 'two signals with one id',
    holds: 'there is one value',
    ready: ({ runs }) => begun(runs, 'a'),
    one: ({ runs }) => runs.signal(tenant, 'a', signalOf('go', { id: 'once' })),
    other: ({ runs }) => runs.signal(tenant, 'a', signalOf('go', { id: 'once' })),
    async check({ runs }, _, told) {
      assert(told.every((one) => (one as { readonly ok: boolean }).ok));
      assert.notEqual(await runs.takeSignal('a', waitFor('go', { key: 'first' })), null);
      assert.equal(await runs.takeSignal('a', waitFor('go', { key: 'second' })), null);
    },
  },
  {
    pair: 'two waits that take one value',
    holds: 'one of them gets it',
    async ready({ runs }) {
      const lease = await begun(runs, 'a');
      await runs.signal(tenant, 'a', signalOf('go'));
      return lease;
    },
    one: ({ runs }) => runs.takeSignal('a', waitFor('go', { key: 'first' })),
    other: ({ runs }) => runs.takeSignal('a', waitFor('go', { key: 'second' })),
    check: async (_under, _lease, told) => assert.equal(told.filter((one) => one !== null).length, 1),
  },
  {
    pair: 'two reclaims',
    holds: 'the job is queued once, under one new epoch',
    async ready({ runs, pass }) {
      const lease = await begun(runs, 'a');
      pass(leaseMs);
      return lease;
    },
    one: ({ runs }) => runs.reclaim(),
    other: ({ runs }) => runs.reclaim(),
    async check({ runs }, _, told) {
      assert.deepEqual(told.flat(), ['a']);
      assert.deepEqual(await statesTold(runs, 'a'), ['queued', 'running', 'queued']);
      assert.equal((await found(runs, 'a')).epoch, 2);
    },
  },
  {
    pair: 'retry and retry',
    holds: 'the job is queued once',
    ready: ({ runs }) => jobIn(runs, 'failed', 'a'),
    one: ({ runs }) => runs.retry(tenant, 'a', { why: 'again', by: 'ann' }),
    other: ({ runs }) => runs.retry(tenant, 'a', { why: 'again', by: 'ann' }),
    async check({ runs }, _, told) {
      assert.equal(told.filter((one) => (one as { readonly ok: boolean }).ok).length, 1);
      assert.deepEqual(await statesTold(runs, 'a'), ['queued', 'running', 'failed', 'queued']);
    },
  },
];

/** What holds whoever comes first of two. Each pair in both orders, and at once. */
export const runStoreRaces: readonly RunStorePromise[] = races.flatMap((race) =>
  (['first before second', 'second before first', 'at once'] as const).map((order) => ({
    promise: `${race.pair}, ${order}: ${race.holds}`,
    async check(open) {
      const under = await open();
      const lease = await race.ready(under);
      const one = () => race.one(under, lease);
      const other = () => race.other(under, lease);
      await race.check(under, lease, await run(order, one, other));
    },
  })),
);

async function run(
  order: 'first before second' | 'second before first' | 'at once',
  one: () => Promise<unknown>,
  other: () => Promise<unknown>,
): Promise<readonly [unknown, unknown]> {
  if (order === 'at once') return await Promise.all([one(), other()]);
  if (order === 'first before second') return [await one(), await other()];
  const second = await other();
  return [await one(), second];
}

/** How a job ended. Checks that its stream tells one end, as its last move. */
async function outcomeOf(runs: RunStore, id: string): Promise<JobState> {
  const { state } = await found(runs, id);
  const told = await statesTold(runs, id);
  assert(isEnded(state), `job ${id} has ended, but it is ${state}`);
  const ends: readonly JobState[] = endedStates;
  assert.deepEqual(
    told.filter((each) => ends.includes(each)),
    [state],
  );
  assert.equal(told.at(-1), state);
  return state;
}
