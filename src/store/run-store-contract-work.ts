import assert from 'node:assert/strict';
import { type ClaimWant, lossesMax, type RunStore } from '../core/index.ts';
import {
  begun,
  begunAgain,
  done,
  ended,
  enrol,
  found,
  handedOver,
  leaseMs,
  newJob,
  noCeilings,
  statesTold,
  tenant,
} from './run-store-contract-jobs.ts';
import type { RunStorePromise } from './run-store-contract-promise.ts';

/** What a store promises of workers: who gets what, and what happens to it when they die. */
export const workPromises: readonly RunStorePromise[] = [
  {
    promise: 'a claimed job runs under a new epoch, and says by whom',
    async check(open) {
      const { runs } = await open();
      const lease = await begun(runs, 'a');
      const record = await found(runs, 'a');
      assert.deepEqual(lease, { job: 'a', epoch: 1 });
      assert.deepEqual([record.state, record.worker, record.epoch, record.attempts], ['running', 'w', 1, 1]);
      assert.notEqual(record.startedAtMs, null);
      assert.deepEqual(await runs.claim('w', { max: 5, ceilings: noCeilings }), []);
    },
  },
  {
    promise: 'nobody but a living worker gets a job',
    async check(open) {
      const { runs, pass } = await open();
      await runs.accept(newJob('a'));
      const want = { max: 1, ceilings: noCeilings };
      assert.deepEqual(await runs.claim('nobody', want), []);
      await enrol(runs, 'w');
      pass(leaseMs);
      assert.deepEqual(await runs.claim('w', want), []);
      await enrol(runs, 'w');
      assert.equal((await runs.claim('w', want)).length, 1);
    },
  },
  {
    promise: 'of one tenant, priority goes first, then age',
    async check(open) {
      const { runs, pass } = await open();
      await enrol(runs, 'w');
      for (const [id, priority] of Object.entries({ a: 0, b: 10, c: 10, d: -5 })) {
        await runs.accept(newJob(id, { priority }));
        pass(5);
      }
      assert.deepEqual(await claimed(runs, 3), ['b', 'c', 'a']);
      assert.deepEqual(await claimed(runs, 3), ['d']);
    },
  },
  {
    promise: 'a job is not begun before its time',
    async check(open) {
      const { runs } = await open();
      await enrol(runs, 'w');
      await runs.accept(newJob('a', { notBeforeMs: 9e12 }));
      await runs.accept(newJob('b'));
      assert.deepEqual(await claimed(runs, 2), ['b']);
    },
  },
  {
    promise: 'who sends many jobs does not keep others from their turn',
    async check(open) {
      const { runs } = await open();
      await enrol(runs, 'w');
      for (let at = 0; at < 6; at++) await runs.accept(newJob(`many-${at}`));
      for (const id of ['x', 'y']) await runs.accept(newJob(id, { tenant: 'small' }));
      const first = await claimed(runs, 4);
      assert.deepEqual(first.toSorted(), ['many-0', 'many-1', 'x', 'y']);
    },
  },
  {
    promise: 'one job at a time, those with the fewest running ones come first',
    async check(open) {
      const { runs } = await open();
      await enrol(runs, 'w');
      for (let at = 0; at < 6; at++) await runs.accept(newJob(`many-${at}`));
      assert.equal((await claimed(runs, 3)).length, 3);
      await runs.accept(newJob('x', { tenant: 'small' }));
      await runs.accept(newJob('y', { tenant: 'small' }));
      const order = [await claimed(runs, 1), await claimed(runs, 1), await claimed(runs, 1)].flat();
      assert.deepEqual(order, ['x', 'y', 'many-3']);
    },
  },
  {
    promise: 'a tenant that is alone gets everything that is free',
    async check(open) {
      const { runs } = await open();
      await enrol(runs, 'w');
      for (let at = 0; at < 40; at++) await runs.accept(newJob(`j-${at}`));
      assert.equal((await claimed(runs, 32)).length, 32);
    },
  },
  {
    promise: 'a ceiling is never exceeded, by however many workers that claim at once',
    async check(open) {
      const { runs } = await open();
      const ceilings = { others: 3, tenants: { small: 1, none: 0 } };
      for (let at = 0; at < 8; at++) {
        await runs.accept(newJob(`big-${at}`, { tenant: 'big' }));
        await runs.accept(newJob(`small-${at}`, { tenant: 'small' }));
        await runs.accept(newJob(`none-${at}`, { tenant: 'none' }));
      }
      const workers = ['w1', 'w2', 'w3'];
      for (const worker of workers) await enrol(runs, worker);
      const claims = await Promise.all(workers.map((id) => runs.claim(id, { max: 8, ceilings })));
      const tenants = claims.flat().map(({ record }) => record.tenant);
      assert.deepEqual(tenants.toSorted(), ['big', 'big', 'big', 'small']);
      assert.deepEqual(await claimed(runs, 8, ceilings), []);
    },
  },
  {
    promise: 'a place that becomes free below a ceiling is taken',
    async check(open) {
      const { runs } = await open();
      const ceilings = { others: 1, tenants: {} };
      const lease = await begun(runs, 'a');
      await runs.accept(newJob('b'));
      assert.deepEqual(await claimed(runs, 1, ceilings), []);
      await runs.settle(lease, ended('succeeded'));
      assert.deepEqual(await claimed(runs, 1, ceilings), ['b']);
    },
  },
  {
    promise: 'a beat says what a worker holds, and that its end is asked for',
    async check(open) {
      const { runs } = await open();
      const lease = await begun(runs, 'a', { deadlineAtMs: 9e12 });
      const held = { ...lease, cancelAsked: false, deadlineAtMs: 9e12 };
      assert.deepEqual(await runs.beat('w'), { alive: true, held: [held] });
      await runs.cancel(tenant, 'a', { why: 'stop', by: 'ann' });
      assert.deepEqual(await runs.beat('w'), { alive: true, held: [{ ...held, cancelAsked: true }] });
    },
  },
  {
    promise: 'beating in time keeps a worker alive; one that came too late holds nothing',
    async check(open) {
      const { runs, pass } = await open();
      await begun(runs, 'a');
      for (let beat = 0; beat < 3; beat++) {
        pass(leaseMs - 10_000);
        assert.equal((await runs.beat('w')).alive, true);
      }
      assert.deepEqual(await runs.reclaim(), []);
      pass(leaseMs);
      assert.deepEqual(await runs.beat('w'), { alive: false });
      assert.deepEqual(await runs.beat('unknown'), { alive: false });
      assert.deepEqual(await runs.reclaim(), ['a']);
      assert.deepEqual(await runs.beat('w'), { alive: false });
    },
  },
  {
    promise: 'what a lost worker held is queued under a new epoch, and it can change nothing any more',
    async check(open) {
      const { runs, pass } = await open();
      const stale = await begun(runs, 'a');
      pass(leaseMs);
      assert.deepEqual(await runs.reclaim(), ['a']);
      const record = await found(runs, 'a');
      assert.deepEqual([record.state, record.worker, record.epoch], ['queued', null, 2]);
      await enrol(runs, 'w');
      const fresh = await begunAgain(runs);
      assert.equal(fresh.epoch, 3);
      assert.equal(await runs.append(stale, done('s')), 'fenced');
      assert.equal(await runs.emit(stale, [{ type: 'warning', message: 'stale' }]), null);
      assert.equal(await runs.settle(stale, ended('succeeded')), null);
      assert.deepEqual(await runs.records('a'), []);
      assert.deepEqual(await statesTold(runs, 'a'), ['queued', 'running', 'queued', 'running']);
      assert.equal((await runs.settle(fresh, ended('failed')))?.record.state, 'failed');
    },
  },
  {
    promise: 'what a worker held whose process died is given to another one',
    async check(open) {
      const first = await open();
      const stale = await begun(first.runs, 'a');
      await first.runs.append(stale, done('s'));
      const { runs, pass } = await first.reopen();
      if ((await runs.reclaim()).length === 0) pass(leaseMs);
      await runs.reclaim();
      await enrol(runs, 'w');
      assert.equal((await begunAgain(runs)).job, 'a');
      assert.equal((await runs.records('a')).length, 1);
    },
  },
  {
    promise: 'a job that goes on does so before those that wait to be begun',
    async check(open) {
      const { runs, pass } = await open();
      await begun(runs, 'a');
      for (const id of ['b', 'c']) await runs.accept(newJob(id));
      pass(leaseMs);
      assert.deepEqual(await runs.reclaim(), ['a']);
      await enrol(runs, 'w');
      assert.deepEqual(await claimed(runs, 1), ['a']);
    },
  },
  {
    promise: 'a lost job whose end was asked for is not begun again',
    async check(open) {
      const { runs, pass } = await open();
      await begun(runs, 'a');
      await runs.cancel(tenant, 'a', { why: 'stop', by: 'ann' });
      pass(leaseMs);
      assert.deepEqual(await runs.reclaim(), ['a']);
      assert.equal((await found(runs, 'a')).state, 'cancelled');
    },
  },
  {
    promise: 'a job that ends one worker after the other fails; retried, it is given as many again',
    async check(open) {
      const { runs, pass } = await open();
      const lose = async () => {
        pass(leaseMs);
        assert.deepEqual(await runs.reclaim(), ['a']);
        return await found(runs, 'a');
      };
      await begun(runs, 'a');
      for (let losses = 1; losses < lossesMax; losses += 1) {
        assert.equal((await lose()).state, 'queued');
        await enrol(runs, 'w');
        const lease = await begunAgain(runs);
        await runs.append(lease, { type: 'started', key: 's', kind: 'model', inputHash: 'h' });
      }
      const { state, failure } = await lose();
      assert.deepEqual([state, failure?.code], ['failed', 'worker-lost']);
      assert.deepEqual(await runs.claim('w', { max: 1, ceilings: noCeilings }), []);
      await runs.retry(tenant, 'a', { why: 'mended', by: 'ann' });
      await enrol(runs, 'w');
      await begunAgain(runs);
      assert.equal((await lose()).state, 'queued');
    },
  },
  {
    promise: 'a job that comes further between the losses of its workers goes on',
    async check(open) {
      const { runs, pass } = await open();
      let lease = await begun(runs, 'a');
      for (let losses = 1; losses <= lossesMax + 1; losses += 1) {
        await runs.append(lease, done(`step-${losses}`));
        pass(leaseMs);
        await runs.reclaim();
        assert.equal((await found(runs, 'a')).state, 'queued');
        await enrol(runs, 'w');
        lease = await begunAgain(runs);
      }
    },
  },
  {
    promise: 'a worker that retires leaves what it held to others at once',
    async check(open) {
      const { runs } = await open();
      const stale = await begun(runs, 'a');
      await runs.retire('w');
      assert.equal((await found(runs, 'a')).state, 'queued');
      assert.equal(await runs.append(stale, done('s')), 'fenced');
      assert.deepEqual(await runs.beat('w'), { alive: false });
    },
  },
  {
    promise: 'a job that is handed over is gone on with by whoever comes next',
    async check(open) {
      const { runs } = await open();
      const stale = await begun(runs, 'a');
      assert.equal((await runs.settle(stale, handedOver))?.record.state, 'queued');
      assert.equal(await runs.append(stale, done('s')), 'fenced');
      const fresh = await begunAgain(runs);
      assert.deepEqual([fresh.epoch, (await found(runs, 'a')).attempts], [2, 2]);
    },
  },
  {
    promise: 'a job that is handed over for later waits until then, and says why',
    async check(open) {
      const { runs } = await open();
      const failure = { code: 'provider-down', message: 'Nobody answers.' } as const;
      const ending = { ...handedOver, notBeforeMs: 9e12, failure };
      const { record } = (await runs.settle(await begun(runs, 'a'), ending)) ?? {};
      assert.deepEqual([record?.failure, record?.notBeforeMs], [failure, 9e12]);
      assert.deepEqual(await claimed(runs, 1), []);
    },
  },
];

async function claimed(
  runs: RunStore,
  max: number,
  ceilings: ClaimWant['ceilings'] = noCeilings,
): Promise<readonly string[]> {
  await enrol(runs, 'w');
  return (await runs.claim('w', { max, ceilings })).map(({ job }) => job);
}
