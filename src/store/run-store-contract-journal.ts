import assert from 'node:assert/strict';
import { type FileChange, hashBytes, type StepRecord } from '../core/index.ts';
import {
  begun,
  begunAgain,
  done,
  ended,
  found,
  handedOver,
  jobIn,
  keysOf,
  outputOf,
} from './run-store-contract-jobs.ts';
import type { RunStorePromise } from './run-store-contract-promise.ts';

const long = 'zwölf Boxkämpfer '.repeat(2000);

/** What a store promises of journals, streams and files. */
export const journalPromises: readonly RunStorePromise[] = [
  {
    promise: 'records of every kind come back whole and in order, also to another process',
    async check(open) {
      const { runs, reopen } = await open();
      const lease = await begun(runs, 'a');
      const base = { kind: 'tool', inputHash: 'h' } as const;
      const records: readonly StepRecord[] = [
        { type: 'started', key: 'a', ...base },
        done('a', { value: { deep: ['zwölf\n\u0000\ud800', null, 1.5] } }),
        { type: 'failed', key: 'b', ...base, failure: { code: 'tool-failed', message: 'no' } },
        { type: 'unfinished', key: 'c', ...base },
        done('d', { value: { text: long } }),
        done('e', { value: long, changes: [{ path: 'x', version: 1, removed: true }] }),
      ];
      for (const record of records) assert.equal(await runs.append(lease, record), 'kept');
      const again = await reopen();
      const kept = await again.runs.records('a');
      assert.deepEqual(
        kept.map(({ record }) => record),
        records,
      );
      assert(kept.every(({ epoch, inherited, atMs }) => epoch === 1 && !inherited && atMs > 0));
    },
  },
  {
    promise: 'records that come together keep their order',
    async check(open) {
      const { runs } = await open();
      const lease = await begun(runs, 'a');
      const keys = Array.from({ length: 120 }, (_, at) => `step-${at}`);
      const kept = await Promise.all(keys.map((key) => runs.append(lease, done(key))));
      assert(kept.every((one) => one === 'kept'));
      assert.deepEqual(await keysOf(runs, 'a'), keys);
    },
  },
  {
    promise: 'of records that come together, only those whose lease is over are fenced',
    async check(open) {
      const { runs } = await open();
      const stale = await begun(runs, 'a');
      await runs.settle(stale, handedOver);
      const fresh = await begunAgain(runs);
      const other = await begun(runs, 'b');
      const answers = await Promise.all([
        runs.append(stale, done('old')),
        runs.append(fresh, done('new')),
        runs.append(other, done('beside')),
        runs.append({ job: 'unknown', epoch: 1 }, done('lost')),
      ]);
      assert.deepEqual(answers, ['fenced', 'kept', 'kept', 'fenced']);
      assert.deepEqual([await keysOf(runs, 'a'), await keysOf(runs, 'b')], [['new'], ['beside']]);
    },
  },
  {
    promise: 'whoever has no lease can record nothing, in whatever state the job is',
    async check(open) {
      const { runs } = await open();
      for (const state of ['parked', 'succeeded', 'failed', 'cancelled', 'expired', 'queued'] as const) {
        const lease = await jobIn(runs, state);
        assert.equal(await runs.append(lease, done('late')), 'fenced');
        assert.equal(await runs.emit(lease, [{ type: 'warning', message: 'late' }]), null);
        assert.deepEqual(await runs.records(lease.job), []);
      }
    },
  },
  {
    promise: 'steps are read in pages, from any place on',
    async check(open) {
      const { runs } = await open();
      const lease = await begun(runs, 'a');
      for (const key of ['a', 'b', 'c', 'd', 'e']) await runs.append(lease, done(key));
      const first = await runs.steps('a', 0, 2);
      const second = await runs.steps('a', first.at(-1)?.seq ?? 0, 2);
      const third = await runs.steps('a', second.at(-1)?.seq ?? 0, 2);
      const keys = [...first, ...second, ...third].map(({ record }) => record.key);
      assert.deepEqual(keys, ['a', 'b', 'c', 'd', 'e']);
      assert.deepEqual(await runs.records('a'), [...first, ...second, ...third]);
    },
  },
  {
    promise: 'large parts of a record are blobs, and the same bytes are stored once',
    async check(open) {
      const { runs, blobs } = await open();
      const lease = await begun(runs, 'a');
      const change = { path: 'a.md', version: 1, text: long };
      await runs.append(lease, done('a', { changes: [change] }));
      await runs.append(lease, done('b', { changes: [{ ...change, version: 2 }] }));
      assert.equal(Buffer.from((await blobs.get(hashBytes(long))) ?? []).toString(), long);
      const gone = await runs.vacuum(nothingOlder);
      assert.deepEqual([gone.jobs, gone.blobs], [[], 0]);
      assert.equal((await runs.records('a')).length, 2);
    },
  },
  {
    promise: 'the files of a job are the newest versions of what its records changed',
    async check(open) {
      const { runs, blobs } = await open();
      const lease = await begun(runs, 'a');
      const bytes = Buffer.from([0, 255, 1]);
      const steps: readonly (readonly FileChange[])[] = [
        [
          { path: 'a.md', version: 1, text: 'one' },
          { path: 'gone.md', version: 1, text: 'soon' },
        ],
        [
          { path: 'a.md', version: 2, text: 'two' },
          { path: 'z.bin', version: 1, base64: bytes.toString('base64') },
          { path: 'gone.md', version: 2, removed: true },
        ],
      ];
      for (const [at, changes] of steps.entries()) await runs.append(lease, done(`s-${at}`, { changes }));
      const files = await runs.files('a');
      assert.deepEqual(files, [
        { path: 'a.md', hash: hashBytes('two'), bytesSize: 3, version: 2 },
        { path: 'z.bin', hash: hashBytes(bytes), bytesSize: 3, version: 1 },
      ]);
      for (const { hash } of files) assert.notEqual(await blobs.get(hash), null);
      const changed = (await runs.records('a')).map(({ record }) => 'changes' in record && record.changes);
      assert.deepEqual(changed, steps);
    },
  },
  {
    promise: 'a fenced record changes no file',
    async check(open) {
      const { runs } = await open();
      const stale = await begun(runs, 'a');
      await runs.settle(stale, ended('succeeded'));
      const changes = [{ path: 'a.md', version: 1, text: 'late' }];
      assert.equal(await runs.append(stale, done('late', { changes })), 'fenced');
      assert.deepEqual(await runs.files('a'), []);
    },
  },
  {
    promise: 'events have places without gaps, over workers and moves',
    async check(open) {
      const { runs } = await open();
      const first = await begun(runs, 'a');
      const told = await runs.emit(first, [
        { type: 'warning', message: 'one' },
        { type: 'warning', message: 'two' },
      ]);
      assert.deepEqual(
        told?.map(({ seq }) => seq),
        [3, 4],
      );
      await runs.settle(first, handedOver);
      const second = await begunAgain(runs);
      assert.deepEqual(await runs.emit(second, []), []);
      await runs.emit(second, [{ type: 'warning', message: 'three' }]);
      const events = await runs.events('a', 0, 100);
      assert.deepEqual(
        events.map((event) => [event.seq, event.type === 'warning' ? event.message : event.type]),
        [
          [1, 'job-moved'],
          [2, 'job-moved'],
          [3, 'one'],
          [4, 'two'],
          [5, 'job-moved'],
          [6, 'job-moved'],
          [7, 'three'],
        ],
      );
      assert.deepEqual(await runs.events('a', 2, 2), told);
    },
  },
  {
    promise: 'events that come together from many jobs stay with their jobs, in order',
    async check(open) {
      const { runs } = await open();
      const leases = [await begun(runs, 'a'), await begun(runs, 'b')];
      const calls = Array.from({ length: 30 }, (_, at) =>
        leases.map((lease) => runs.emit(lease, [{ type: 'warning', message: `${lease.job}-${at}` }])),
      );
      const answers = await Promise.all(calls.flat());
      assert(answers.every((one) => one?.length === 1));
      for (const { job } of leases) {
        const events = await runs.events(job, 2, 100);
        const told = events.map((event) => (event.type === 'warning' ? event.message : ''));
        assert.deepEqual(
          told,
          Array.from({ length: 30 }, (_, at) => `${job}-${at}`),
        );
        assert.deepEqual(
          events.map(({ seq }) => seq),
          told.map((_, at) => at + 3),
        );
      }
    },
  },
  {
    promise: 'an ended job says how it ended, what it cost and what it left',
    async check(open) {
      const { runs, reopen } = await open();
      const lease = await begun(runs, 'a');
      await runs.settle(lease, ended('succeeded', { text: long }));
      const again = await reopen();
      const record = await found(again.runs, 'a');
      assert.deepEqual([record.state, record.costMicroUsd, record.failure], ['succeeded', 7, null]);
      assert.deepEqual([record.worker, record.waits], [null, []]);
      assert.notEqual(record.endedAtMs, null);
      assert.deepEqual(await again.runs.output('a'), outputOf({ text: long }));
    },
  },
];

/** Removes nothing that somebody names. */
const nothingOlder = {
  nowMs: 9e12,
  keepMs: { succeeded: 9e12, failed: 9e12, cancelled: 9e12, expired: 9e12 },
  blobGraceMs: 0,
  limit: 10,
  dryRun: false,
};
