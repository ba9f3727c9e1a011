import assert from 'node:assert/strict';
import { fail, type JournalStore, ok, type StepRecord, type StepSpec } from '../core/index.ts';
import { openJournal } from './journal.ts';

/** One promise of a journal store and the check that holds it. */
export interface JournalPromise {
  readonly promise: string;
  /** `open` gives a new, empty store; `reopen` the same store as another process would find it. */
  check(open: () => Promise<ReopenableStore>): Promise<void>;
}

/** A store under test, and how to open it again. */
export interface ReopenableStore {
  readonly store: JournalStore;
  reopen(): Promise<JournalStore>;
}

const spec: StepSpec = { kind: 'tool', replay: 'safe', inputHash: 'a' };

/** What every journal store promises. Give each entry to your test runner. */
export const journalContract: readonly JournalPromise[] = [
  {
    promise: 'a new store has no records',
    check: async (open) => assert.deepEqual(await (await open()).store.records(), []),
  },
  {
    promise: 'records come back whole and in the order they were kept, also after reopening',
    async check(open) {
      const { store, reopen } = await open();
      const records = [1, 2, 3].map((number) => record(`step-${number}`, { number, text: 'zwölf\n' }));
      for (const each of records) await store.append(each);
      assert.deepEqual(await (await reopen()).records(), records);
    },
  },
  {
    promise: 'records that are handed in together are kept in the order of the calls',
    async check(open) {
      const { store, reopen } = await open();
      const records = Array.from({ length: 20 }, (_, number) =>
        record(`step-${number}`, { number, text: 'x' }),
      );
      await Promise.all(records.map((each) => store.append(each)));
      assert.deepEqual(await (await reopen()).records(), records);
    },
  },
  {
    promise: 'a recorded step is never run again',
    async check(open) {
      const { store, reopen } = await open();
      const first = await (await openJournal(store)).step('s', spec, async () => ({ result: ok('once') }));
      const again = await (await openJournal(await reopen())).step('s', spec, neverRun);
      assert.deepEqual([first.result, first.replayed], [ok('once'), false]);
      assert.deepEqual([again.result, again.replayed], [ok('once'), true]);
    },
  },
  {
    promise: 'a recorded failure of the task is given again',
    async check(open) {
      const { store, reopen } = await open();
      const failed = fail('tool-failed', 'no');
      await (await openJournal(store)).step('s', spec, async () => ({ result: failed }));
      const again = await (await openJournal(await reopen())).step('s', spec, neverRun);
      assert.deepEqual(again.result, failed);
    },
  },
  {
    promise: 'a failure of the world is forgotten, and the step runs again',
    async check(open) {
      const { store, reopen } = await open();
      await (await openJournal(store)).step('s', spec, async () => ({
        result: fail('provider-down', 'down'),
      }));
      const again = await (await openJournal(await reopen())).step('s', spec, async () => ({
        result: ok('up'),
      }));
      assert.deepEqual([again.result, again.replayed], [ok('up'), false]);
    },
  },
  {
    promise: 'changed files are kept with the step that changed them',
    async check(open) {
      const { store, reopen } = await open();
      const changes = [{ path: 'a.md', version: 1, text: 'A' }];
      await (await openJournal(store)).step('s', spec, async () => ({ result: ok(null), changes }));
      const again = await (await openJournal(await reopen())).step('s', spec, neverRun);
      assert.deepEqual(again.changes, changes);
    },
  },
];

function record(key: string, value: { number: number; text: string }): StepRecord {
  return { type: 'done', key, kind: 'tool', inputHash: 'h', value };
}

async function neverRun(): Promise<never> {
  throw new Error('A recorded step was run again');
}
