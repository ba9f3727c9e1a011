import { describe, expect, it } from 'vitest';
import { fail, type JournalStore, ok, type StepSpec } from '../core/index.ts';
import { createMemoryJournalStore, openJournal } from './index.ts';
import { journalContract } from './testing.ts';

describe('the memory journal store', () => {
  for (const { promise, check } of journalContract) {
    it(promise, () =>
      check(async () => {
        const store = createMemoryJournalStore();
        return { store, reopen: async () => store };
      }),
    );
  }
});

/** Makes a store that keeps nothing before its gate is opened. */
function slowStore() {
  const gate = Promise.withResolvers<void>();
  const memory = createMemoryJournalStore();
  const slow: JournalStore = {
    records: memory.records,
    append: (record) => gate.promise.then(() => memory.append(record)),
  };
  return { gate, memory, slow };
}

describe('a journal', () => {
  const spec: StepSpec = { kind: 'tool', replay: 'never', inputHash: 'a' };

  it('never repeats a step whose outcome a crash hid, when repeating it is not safe', async () => {
    const store = createMemoryJournalStore();
    const dying = (await openJournal(store)).step('s', spec, async () => {
      throw new Error('the process died');
    });
    await expect(dying).rejects.toThrow('died');
    const again = await (await openJournal(store)).step('s', spec, async () => ({ result: ok('twice') }));
    expect(again.result).toMatchObject({ ok: false, failure: { code: 'outcome-unknown' } });
  });

  it('repeats a step whose outcome a crash hid, when repeating it is safe', async () => {
    const store = createMemoryJournalStore();
    const safe: StepSpec = { kind: 'model', replay: 'safe', inputHash: 'a' };
    const dying = (await openJournal(store)).step('s', safe, async () => {
      throw new Error('the process died');
    });
    await expect(dying).rejects.toThrow('died');
    const again = await (await openJournal(store)).step('s', safe, async () => ({ result: ok('second') }));
    expect(again).toMatchObject({ result: { ok: true, value: 'second' }, replayed: false });
  });

  it('keeps what changed nothing and may be repeated together with the next record, never after it', async () => {
    const { gate, memory, slow } = slowStore();
    const journal = await openJournal(slow);
    const safe: StepSpec = { ...spec, replay: 'safe' };
    await journal.step('look', safe, async () => ({ result: ok('seen') }));
    expect(await memory.records()).toEqual([]);
    let isAsked = false;
    const next = journal.step('ask', { ...safe, kind: 'model' }, async () => {
      isAsked = true;
      return { result: ok('said') };
    });
    await new Promise(setImmediate);
    expect(isAsked).toBe(false);
    gate.resolve();
    await next;
    const kept = (await memory.records()).map(({ type, key }) => `${type} ${key}`);
    expect(kept).toEqual(['done look', 'started ask', 'done ask']);
  });

  it('lets nothing be done outside before all that led to it is kept', async () => {
    const { gate, slow } = slowStore();
    const journal = await openJournal(slow);
    const safe: StepSpec = { ...spec, replay: 'safe' };
    const done: string[] = [];
    const step = (key: string, isOutside: boolean) =>
      journal.step(key, { ...safe, isOutside }, async () => {
        done.push(key);
        return { result: ok(key) };
      });
    await step('reply', false);
    await step('read', false);
    const sent = step('send', true);
    await new Promise(setImmediate);
    expect(done).toEqual(['reply', 'read']);
    gate.resolve();
    await sent;
    expect(done).toEqual(['reply', 'read', 'send']);
  });

  it('is settled once everything is kept, and says when something could not be', async () => {
    const { gate, memory, slow } = slowStore();
    const journal = await openJournal(slow);
    await journal.step('reply', { ...spec, replay: 'safe' }, async () => ({ result: ok('said') }));
    const settled = journal.under('child').settled();
    expect(await memory.records()).toEqual([]);
    gate.resolve();
    await settled;
    expect(await memory.records()).toHaveLength(1);
    const broken = await openJournal({ ...memory, append: () => Promise.reject(new Error('full')) });
    await broken.step('other', { ...spec, replay: 'safe' }, async () => ({ result: ok('said') }));
    await expect(broken.settled()).rejects.toThrow('full');
  });

  it('goes on after nothing that could not be kept', async () => {
    const memory = createMemoryJournalStore();
    const broken: JournalStore = {
      records: memory.records,
      append: (record) =>
        record.key === 'look' ? Promise.reject(new Error('the disk is full')) : memory.append(record),
    };
    const journal = await openJournal(broken);
    const safe: StepSpec = { ...spec, replay: 'safe' };
    await journal.step('look', safe, async () => ({ result: ok('seen') }));
    const next = journal.step('ask', { ...safe, kind: 'model' }, async () => ({ result: ok('said') }));
    await expect(next).rejects.toThrow('the disk is full');
  });

  it('refuses to answer a step with the record of another input', async () => {
    const journal = await openJournal(createMemoryJournalStore());
    await journal.step('s', spec, async () => ({ result: ok(1) }));
    const other = await journal.step('s', { ...spec, inputHash: 'b' }, async () => ({ result: ok(2) }));
    expect(other.result).toMatchObject({ ok: false, failure: { code: 'journal-mismatch' } });
  });

  it('takes what was inherited for an answer, whatever its input was', async () => {
    const store = createMemoryJournalStore();
    const journal = await openJournal(store);
    for (const key of ['old', 'own']) await journal.step(key, spec, async () => ({ result: ok('then') }));
    const fork = await openJournal(store, { inherited: new Set(['old']) });
    const other = { ...spec, inputHash: 'b' };
    const [old, own] = [
      await fork.step('old', other, async () => ({ result: ok('now') })),
      await fork.step('own', other, async () => ({ result: ok('now') })),
    ];
    expect(old).toMatchObject({ result: ok('then'), replayed: true });
    expect(own.result).toMatchObject({ ok: false, failure: { code: 'journal-mismatch' } });
  });

  it('does not read again what was read already', async () => {
    const store = createMemoryJournalStore();
    await (await openJournal(store)).step('s', spec, async () => ({ result: ok('once') }));
    const recorded = await store.records();
    const read: JournalStore = { ...store, records: () => Promise.reject(new Error('read twice')) };
    const again = await (await openJournal(read, { recorded })).step('s', spec, async () => ({
      result: ok('twice'),
    }));
    expect(again.result).toEqual(ok('once'));
  });

  it('repeats a call that was interrupted while it waited, though it must not be repeated elsewhere', async () => {
    const store = createMemoryJournalStore();
    const waiting: StepSpec = { kind: 'wait', replay: 'safe', inputHash: 'w' };
    const call = async (end: () => Promise<string>) => {
      const journal = await openJournal(store);
      return await journal.step('s', spec, async () => {
        await journal.step('s/wait', waiting, async () => ({ result: ok(await end()) }));
        throw new Error('the process died after the wait');
      });
    };
    await expect(call(() => Promise.reject(new Error('died while it waited')))).rejects.toThrow('while');
    await expect(call(async () => 'came')).rejects.toThrow('after the wait');
    expect((await call(async () => 'never asked')).result).toMatchObject({
      ok: false,
      failure: { code: 'outcome-unknown' },
    });
  });

  it('keeps steps of the same name apart by the path they stand under', async () => {
    const journal = await openJournal(createMemoryJournalStore());
    const a = await journal.under('a').step('s', spec, async () => ({ result: ok('A') }));
    const b = await journal.under('b').step('s', spec, async () => ({ result: ok('B') }));
    expect([a.result, b.result]).toEqual([ok('A'), ok('B')]);
  });

  it('records neither a limit nor a missing key, so that mending them lets the step run', async () => {
    const store = createMemoryJournalStore();
    const journal = await openJournal(store);
    const safe: StepSpec = { kind: 'tool', replay: 'safe', inputHash: 'a' };
    for (const code of ['budget-exhausted', 'no-access'] as const) {
      await journal.step(code, safe, async () => ({ result: fail(code, 'stop') }));
    }
    expect(await store.records()).toEqual([]);
  });
});
