import { describe, expect, it } from 'vitest';
import { createInspan, type EndedJob, type JournalStore } from '../src/inspan.ts';
import { createMemoryJournalStore, createMemoryWorkspace, scriptedModel } from '../src/testing.ts';
import { replies } from './teams/replies.ts';
import { goodTeam, wholeBrief, writers } from './teams/writers.ts';

/** A store that dies at its n-th append, before or after the record is safe. */
function dyingStore(store: JournalStore, dieAt: number, kept: boolean): JournalStore {
  let appends = 0;
  return {
    records: () => store.records(),
    async append(record) {
      appends += 1;
      if (appends > dieAt) throw new Error('the process is gone');
      if (appends < dieAt || kept) await store.append(record);
      if (appends === dieAt) throw new Error('the process is gone');
    },
  };
}

async function wholeRun(): Promise<{ ended: EndedJob; store: JournalStore }> {
  const store = createMemoryJournalStore();
  const job = await createInspan({ environment: {}, model: goodTeam() }).start(writers, wholeBrief, {
    journal: store,
  });
  return { ended: await job.outcome(), store };
}

/** What must be equal, however often a job was interrupted. */
function essence({ outcome, result, files }: EndedJob): unknown {
  return { outcome, result, files };
}

describe('a journal', () => {
  it('replays a whole job without one model call, to the same result and the same bill', async () => {
    const { ended, store } = await wholeRun();
    const silent = scriptedModel([]);
    const job = await createInspan({ environment: {}, model: silent }).start(writers, wholeBrief, {
      journal: store,
    });
    const again = await job.outcome();
    expect(silent.requests).toEqual([]);
    expect(essence(again)).toEqual(essence(ended));
    expect(again.usage).toEqual(ended.usage);
  });

  it('refuses to answer for another brief than the one it recorded', async () => {
    const { store } = await wholeRun();
    const other = { ...wholeBrief, brief: 'Something else.' };
    const job = await createInspan({ environment: {}, model: scriptedModel([]) }).start(writers, other, {
      journal: store,
    });
    expect(await job.outcome()).toMatchObject({ outcome: 'failed', failure: { code: 'journal-mismatch' } });
  });
});

describe('a damaged record', () => {
  it('is told by the key of its step, and is never a bug', async () => {
    const { store } = await wholeRun();
    const records = await store.records();
    for (const [at, record] of records.entries()) {
      if (record.type !== 'done' || record.key === 'job') continue;
      for (const value of [null, 'text', {}, { type: 'unmet' }, { blocks: [{ type: 'text' }], usage: {} }]) {
        const damaged = createMemoryJournalStore(records.with(at, { ...record, value }));
        const model = scriptedModel([]);
        const job = await createInspan({ environment: {}, model }).start(writers, wholeBrief, {
          journal: damaged,
        });
        const { failure } = await job.outcome();
        expect(failure?.code, record.key).toBe('journal-mismatch');
        expect(failure?.message).toContain(record.key);
      }
    }
  });
});

describe('a crash at the n-th journal write', () => {
  for (const kept of [true, false]) {
    for (const survives of [true, false]) {
      const when = kept ? 'just after the record was kept' : 'just before the record was kept';
      const files = survives ? 'whose files survive' : 'whose files are lost';
      it(`recovers to the same result for every n, ${when}, in a job ${files}`, async () => {
        const { ended, store: whole } = await wholeRun();
        const writes = (await whole.records()).length;
        expect(writes).toBeGreaterThan(40);
        const inspan = createInspan({ environment: {}, model: replies() });
        for (let dieAt = 1; dieAt <= writes; dieAt += 1) {
          const store = createMemoryJournalStore();
          const workspace = createMemoryWorkspace();
          const dying = await inspan.start(writers, wholeBrief, {
            journal: dyingStore(store, dieAt, kept),
            workspace,
          });
          await expect(dying.outcome()).rejects.toThrow('the process is gone');
          const survivor = survives ? { workspace } : {};
          const job = await inspan.start(writers, wholeBrief, { journal: store, ...survivor });
          const recovered = await job.outcome();
          expect(essence(recovered), `crash at write ${dieAt}`).toEqual(essence(ended));
        }
      });
    }
  }

  it('repeats at most the calls that were in flight', async () => {
    const { store: whole, ended } = await wholeRun();
    const writes = (await whole.records()).length;
    const model = replies();
    const inspan = createInspan({ environment: {}, model });
    for (let dieAt = 1; dieAt <= writes; dieAt += 1) {
      const store = createMemoryJournalStore();
      const askedBefore = model.requests.length;
      await (await inspan.start(writers, wholeBrief, { journal: dyingStore(store, dieAt, false) }))
        .outcome()
        .catch(() => null);
      await (await inspan.start(writers, wholeBrief, { journal: store })).result();
      // Two writers work at once, so at most two calls are in flight.
      expect(model.requests.length - askedBefore - ended.usage.total.calls).toBeLessThanOrEqual(2);
    }
  });
});
