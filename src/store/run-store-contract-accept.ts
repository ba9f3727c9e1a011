import assert from 'node:assert/strict';
import { hashBytes, InspanError } from '../core/index.ts';
import { retentionNow } from './run-store-contract-forks.ts';
import {
  begun,
  ended,
  enrol,
  found,
  jobIn,
  newJob,
  noCeilings,
  statesTold,
  tenant,
} from './run-store-contract-jobs.ts';
import type { RunStorePromise } from './run-store-contract-promise.ts';

const keyed = { key: 'k', bodyHash: 'body' };

/** What a store promises of accepting jobs and finding them again. */
export const acceptPromises: readonly RunStorePromise[] = [
  {
    promise: 'an accepted job is queued, comes back whole, and is told of in its stream',
    async check(open) {
      const { runs } = await open();
      const job = newJob('a', {
        brief: { text: 'zwölf\n', files: [1, null] },
        labels: { env: 'test' },
        estimate: { usd: 1 },
        patch: { model: 'small' },
        deadlineAtMs: 9e12,
        priority: 5,
      });
      const accepted = await runs.accept(job);
      const record = await found(runs, 'a');
      assert.deepEqual(accepted, { type: 'accepted', job: record });
      const { brief: _, seeds: __, idempotency: ___, ...same } = job;
      assert.deepEqual({ ...record, ...same }, record);
      assert.deepEqual([record.state, record.version, record.epoch, record.attempts], ['queued', 1, 0, 0]);
      assert.deepEqual(await runs.brief('a'), job.brief);
      assert.deepEqual(await statesTold(runs, 'a'), ['queued']);
      assert.equal(await runs.output('a'), null);
    },
  },
  {
    promise: 'an accepted job survives the process that accepted it',
    async check(open) {
      const { runs, reopen } = await open();
      await runs.accept(newJob('a'));
      const record = await found(runs, 'a');
      const again = await reopen();
      assert.deepEqual(await found(again.runs, 'a'), record);
      assert.equal((await begun(again.runs, 'b')).job, 'a');
    },
  },
  {
    promise: 'the same key with the same body is the same job',
    async check(open) {
      const { runs } = await open();
      const first = await runs.accept(newJob('a', { idempotency: keyed }));
      const second = await runs.accept(newJob('b', { idempotency: keyed }));
      assert(first.type === 'accepted' && second.type === 'known');
      assert.deepEqual(second.job, first.job);
      assert.deepEqual(await runs.findByKey(tenant, 'k'), { job: first.job, bodyHash: 'body' });
      assert.equal((await runs.count(null)).queued, 1);
    },
  },
  {
    promise: 'the same key with another body is a conflict that names the job',
    async check(open) {
      const { runs } = await open();
      await runs.accept(newJob('a', { idempotency: keyed }));
      const second = await runs.accept(newJob('b', { idempotency: { key: 'k', bodyHash: 'other' } }));
      assert.deepEqual(second, { type: 'conflict', id: 'a' });
      assert.equal(await runs.find(tenant, 'b'), null);
    },
  },
  {
    promise: 'of those that come together under one key, one is accepted and the others are told of it',
    async check(open) {
      const { runs } = await open();
      const keys = ['body', 'body', 'other', 'body'].map((bodyHash) => ({ key: 'k', bodyHash }));
      const together = await Promise.all([
        ...keys.map((idempotency, at) => runs.accept(newJob(`a${at}`, { idempotency }))),
        runs.accept(newJob('b', { idempotency: keyed, tenant: 'other' })),
        runs.accept(newJob('c')),
      ]);
      assert.deepEqual(
        together.map(({ type }) => type),
        ['accepted', 'known', 'conflict', 'known', 'accepted', 'accepted'],
      );
      const [first, second, third] = together;
      assert(first?.type === 'accepted' && second?.type === 'known');
      assert.deepEqual(second.job, first.job);
      assert.deepEqual(third, { type: 'conflict', id: 'a0' });
      assert.equal((await runs.count(null)).queued, 3);
    },
  },
  {
    promise: 'jobs that come together each have what is theirs',
    async check(open) {
      const { runs, blobs, pass } = await open();
      const ids = Array.from({ length: 130 }, (_, at) => `job-${at}`);
      const bytesOf = (id: string): Uint8Array => Buffer.from(id === 'job-7' ? id.repeat(20_000) : id);
      const seedOf = (id: string) => {
        const bytes = bytesOf(id);
        return { path: `${id}.md`, hash: hashBytes(bytes), bytesSize: bytes.length, version: 1 };
      };
      await Promise.all(
        ids.map((id) =>
          runs.accept(
            newJob(id, { brief: id, labels: { id }, seeds: [seedOf(id)], contents: [bytesOf(id)] }),
          ),
        ),
      );
      pass(100_000);
      await runs.vacuum(await retentionNow(runs, {}));
      for (const id of ids) {
        assert.equal(await runs.brief(id), id);
        assert.deepEqual(await runs.files(id), [seedOf(id)]);
        assert.deepEqual(await blobs.get(seedOf(id).hash), new Uint8Array(bytesOf(id)));
        assert.deepEqual(await statesTold(runs, id), ['queued']);
        const found = (await runs.list(tenant, { labels: { id }, limit: 10 })).items;
        assert.deepEqual(
          found.map((job) => job.id),
          [id],
        );
      }
      await enrol(runs, 'w');
      const claimed = await runs.claim('w', { max: 200, ceilings: noCeilings });
      assert.deepEqual(claimed.map(({ job }) => job).toSorted(), ids.toSorted());
    },
  },
  {
    promise: 'one that cannot be accepted leaves those that come with it alone',
    async check(open) {
      const { runs } = await open();
      await runs.accept(newJob('a'));
      const [b, again, c] = await Promise.allSettled([
        runs.accept(newJob('b')),
        runs.accept(newJob('a', { brief: 'another one' })),
        runs.accept(newJob('c')),
      ]);
      assert.deepEqual([b.status, again.status, c.status], ['fulfilled', 'rejected', 'fulfilled']);
      assert.deepEqual(await runs.brief('a'), newJob('a').brief);
      assert.equal((await runs.count(null)).queued, 3);
    },
  },
  {
    promise: 'tenants may use the same key without learning of each other',
    async check(open) {
      const { runs } = await open();
      await runs.accept(newJob('a', { idempotency: keyed }));
      const other = await runs.accept(newJob('b', { idempotency: keyed, tenant: 'other' }));
      assert.equal(other.type, 'accepted');
      assert.equal((await runs.findByKey('other', 'k'))?.job.id, 'b');
      assert.equal(await runs.findByKey('third', 'k'), null);
    },
  },
  {
    promise: 'seeds are the first files of a job',
    async check(open) {
      const { runs, blobs } = await open();
      const hash = await blobs.put(Buffer.from('seed'));
      const seeds = [
        { path: 'b.md', hash, bytesSize: 4, version: 1 },
        { path: 'B.md', hash, bytesSize: 4, version: 1 },
      ];
      await runs.accept(newJob('a', { seeds }));
      assert.deepEqual(await runs.files('a'), seeds.toReversed());
    },
  },
  {
    promise: 'a glance at a job tells how many events its stream has, whoever told them',
    async check(open) {
      const { runs, reopen } = await open();
      const lengths: number[] = [];
      const look = async (store = runs): Promise<void> => {
        const glance = await store.glance(tenant, 'a');
        assert(glance !== null);
        assert.deepEqual(glance.job, await found(store, 'a'));
        assert.equal(glance.events, (await store.events('a', 0, 100)).length);
        lengths.push(glance.events);
      };
      await runs.accept(newJob('a'));
      await look();
      await enrol(runs, 'w');
      const [claim] = await runs.claim('w', { max: 1, ceilings: noCeilings });
      assert(claim !== undefined);
      await look();
      const warning = { type: 'warning', message: 'Something happened.' } as const;
      await runs.emit(claim, [warning, warning]);
      await look();
      const ending = { ...ended('succeeded'), events: [warning] };
      await runs.settle(claim, ending);
      const again = await reopen();
      await look(again.runs);
      assert.deepEqual(lengths, [1, 2, 4, 6]);
      assert.equal(await again.runs.glance(tenant, 'nobody'), null);
    },
  },
  {
    promise: 'another tenant can neither see a job nor change it',
    async check(open) {
      const { runs } = await open();
      for (const state of ['queued', 'running', 'parked', 'failed'] as const) {
        const { job } = await jobIn(runs, state);
        const before = await found(runs, job);
        assert.deepEqual([await runs.find('other', job), await runs.glance('other', job)], [null, null]);
        const signal = { name: 'go', value: 1, key: null, id: null, by: 'other' };
        const fork = { id: `f-${state}`, from: job, step: 's', brief: null, digest: null, patch: null };
        const refused = [
          await runs.cancel('other', job, { why: 'mine now', by: 'ann' }),
          await runs.retry('other', job, { why: 'mine now', by: 'ann' }),
          await runs.signal('other', job, signal),
          await runs.fork('other', { ...fork, labels: null, by: 'other' }),
        ];
        for (const one of refused) assert.equal(one.ok ? 'done' : one.failure.code, 'not-found');
        assert.deepEqual(await found(runs, job), before);
        assert.equal(await runs.takeSignal(job, { key: 'wait/go', signal: 'go' }), null);
        if (state === 'queued') await runs.cancel(tenant, job, { why: 'out of the way', by: 'ann' });
      }
      assert.deepEqual((await runs.list('other', { limit: 10 })).items, []);
      assert.equal((await runs.count('other')).running, 0);
    },
  },
  {
    promise: 'a list gives the newest first, in pages that neither skip nor repeat',
    async check(open) {
      const { runs, pass } = await open();
      // Some share the ms in which they were accepted.
      const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
      for (const [at, id] of ids.entries()) {
        await runs.accept(newJob(id));
        if (at % 3 === 2) pass(1000);
      }
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await runs.list(tenant, { limit: 2, ...(cursor === undefined ? {} : { cursor }) });
        seen.push(...page.items.map(({ id }) => id));
        cursor = page.next ?? undefined;
      } while (cursor !== undefined);
      const all = (await runs.list(tenant, { limit: 200 })).items;
      assert.deepEqual(seen.toSorted(), ids);
      assert.deepEqual(
        seen,
        all.map(({ id }) => id),
      );
      const times = all.map(({ createdAtMs }) => createdAtMs);
      assert.deepEqual(
        times,
        times.toSorted((a, b) => b - a),
      );
    },
  },
  {
    promise: 'a list gives only what is asked for: states, team, labels, time',
    async check(open) {
      const { runs, pass } = await open();
      await runs.accept(newJob('a', { labels: { env: 'x', who: 'me' }, team: 'one' }));
      pass(10_000);
      await runs.accept(newJob('b', { labels: { env: 'x' }, team: 'two' }));
      await runs.cancel(tenant, 'b', { why: 'no', by: 'ann' });
      const { createdAtMs } = await found(runs, 'a');
      const ids = async (query: object) =>
        (await runs.list(tenant, { limit: 10, ...query })).items.map(({ id }) => id);
      assert.deepEqual(await ids({ labels: { env: 'x' } }), ['b', 'a']);
      assert.deepEqual(await ids({ labels: { env: 'x', who: 'me' } }), ['a']);
      assert.deepEqual(await ids({ labels: { env: 'me' } }), []);
      assert.deepEqual(await ids({ states: ['cancelled', 'failed'] }), ['b']);
      assert.deepEqual(await ids({ team: 'one' }), ['a']);
      assert.deepEqual(await ids({ createdAfterMs: createdAtMs }), ['b']);
      assert.deepEqual(await ids({ createdBeforeMs: createdAtMs + 1 }), ['a']);
    },
  },
  {
    promise: 'a cursor that no page gave is refused in one line',
    async check(open) {
      const { runs } = await open();
      for (const cursor of ['', 'nonsense', Buffer.from('[1]').toString('base64url')]) {
        await assert.rejects(runs.list(tenant, { limit: 1, cursor }), (error) => {
          assert(error instanceof InspanError);
          return error.failures[0]?.code === 'wrong-input' && !error.message.includes('\n');
        });
      }
    },
  },
  {
    promise: 'a count tells every state, of one tenant or of all',
    async check(open) {
      const { runs } = await open();
      await runs.settle(await begun(runs, 'a'), ended('failed'));
      await runs.accept(newJob('b', { tenant: 'other' }));
      const none = {
        queued: 0,
        running: 0,
        parked: 0,
        succeeded: 0,
        failed: 0,
        cancelled: 0,
        expired: 0,
      };
      assert.deepEqual(await runs.count(tenant), { ...none, failed: 1 });
      assert.deepEqual(await runs.count(null), { ...none, failed: 1, queued: 1 });
    },
  },
  {
    promise: 'a definition is kept once, and comes back whole',
    async check(open) {
      const { runs, reopen } = await open();
      const team = { name: 'kit', definition: { agents: ['lead'] }, toolCode: { check: 'hash' } };
      await runs.keepTeam('d', team);
      await runs.keepTeam('d', { ...team, name: 'other' });
      const again = await reopen();
      assert.deepEqual(await again.runs.team('d'), team);
      assert.equal(await again.runs.team('unknown'), null);
    },
  },
];
