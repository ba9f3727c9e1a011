import { describe, expect, it } from 'vitest';
import {
  fail,
  type JournalStore,
  ok,
  type Result,
  type Run,
  type Tool,
  type ToolCall,
  type ToolCallBlock,
  type Wait,
  type WaitEnd,
} from '../core/index.ts';
import { scriptedModel } from '../models/testing.ts';
import { createMemoryJournalStore, openJournal } from '../store/index.ts';
import { createMemoryWorkspace } from '../workspace/index.ts';
import { answerCalls } from './call-tools.ts';
import { assignment, dyingStore, runOn, tool } from './testing.ts';

const parked = fail('parked', 'Nobody waits in memory here.');

/** Asks a person, then does something in the world: what must not happen twice. */
function approved(run: (call: ToolCall) => Promise<string>, more: Partial<Tool> = {}): Tool {
  const made = tool('publish', 'outside', async (_, call) => ok({ text: await run(call) }));
  return { ...made, replay: 'never', ...more };
}

interface Answering {
  readonly store?: JournalStore;
  /** What has come, by the key of the wait. */
  readonly values?: Readonly<Record<string, WaitEnd>>;
  readonly nowMs?: number;
  readonly more?: Partial<Run>;
}

async function callAll(tools: readonly Tool[], answering: Answering = {}) {
  const { store = createMemoryJournalStore(), values = {}, nowMs = 0, more = {} } = answering;
  const workspace = createMemoryWorkspace();
  const journal = await openJournal(store);
  const waits: Wait[] = [];
  const { run, events } = runOn(scriptedModel([]), journal, workspace);
  const awaitSignal = async (wait: Wait): Promise<Result<WaitEnd>> => {
    waits.push(wait);
    const end = values[wait.key];
    return end === undefined ? parked : ok(end);
  };
  const calls = tools.map(
    ({ name }, at): ToolCallBlock => ({
      type: 'tool-call',
      id: `${at}`,
      name,
      input: {},
    }),
  );
  const answered = await answerCalls(
    { calls, assignment: assignment(tools, workspace), key: 'turn' },
    { ...run, clock: { ...run.clock, now: () => nowMs }, awaitSignal, ...more },
  );
  return { answered, waits, events, workspace, store };
}

const yes: WaitEnd = { type: 'signal', value: 'yes' };
const said = (text: string) => ok([{ type: 'tool-result', id: '0', text, failed: false }]);

describe('a tool that waits', () => {
  it('is left where it stands, and is given what came when its call is made again', async () => {
    let begun = 0;
    const publish = approved(async ({ workspace, wait }) => {
      begun += 1;
      await workspace.write('draft.md', 'D', null);
      const end = await wait('approval', { question: { draft: 'D' } });
      return JSON.stringify(end);
    });
    const first = await callAll([publish]);
    expect(first.answered).toEqual(parked);
    expect(first.waits).toEqual([
      { key: 'turn/call-0/wait-approval', signal: 'approval', untilMs: null, question: { draft: 'D' } },
    ]);
    expect(await first.workspace.list()).toEqual([]);
    expect(first.events).toEqual([]);
    const again = await callAll([publish], {
      store: first.store,
      values: { 'turn/call-0/wait-approval': yes },
    });
    expect(again.answered).toEqual(said('{"type":"signal","value":"yes"}'));
    expect(begun).toBe(2);
    const last = await callAll([publish], { store: first.store });
    expect([last.answered, last.waits, begun]).toEqual([again.answered, [], 2]);
  });

  it('waits until the time that was set when it first asked, whenever it is asked again', async () => {
    const publish = approved(async ({ wait }) => (await wait('approval', { timeoutMs: 100 })).type);
    const { store, waits } = await callAll([publish], { nowMs: 1_000 });
    const again = await callAll([publish], { store, nowMs: 5_000 });
    expect([waits[0]?.untilMs, again.waits[0]?.untilMs]).toEqual([1_100, 1_100]);
  });

  it('can wait for one name twice, and for names of any kind', async () => {
    const publish = approved(async ({ wait }) => {
      const ends = [await wait('part'), await wait('part'), await wait('part:2'), await wait('a/b')];
      return JSON.stringify(ends.map((end) => (end.type === 'signal' ? end.value : null)));
    });
    const signals = { 'wait-part': 1, 'wait-part:2': 2, 'wait-part%3A2': 3, 'wait-a%2Fb': 4 };
    const values = Object.fromEntries(
      Object.entries(signals).map(([key, value]) => [
        `turn/call-0/${key}`,
        { type: 'signal', value } as const,
      ]),
    );
    expect((await callAll([publish], { values })).answered).toEqual(said('[1,2,3,4]'));
  });

  it('parks only when all that it waits for side by side has been asked', async () => {
    const publish = approved(async ({ wait }) => {
      await Promise.all([wait('a'), wait('b'), wait('c')]);
      return 'all';
    });
    const { answered, waits } = await callAll([publish], { values: { 'turn/call-0/wait-b': yes } });
    expect(answered).toEqual(parked);
    expect(waits.map(({ signal }) => signal)).toEqual(['a', 'b', 'c']);
  });

  it('goes on after a crash at any journal write of its wait, and does its work once', async () => {
    for (const kept of [true, false]) {
      // The first write says that the call begins: a crash behind it hides whether it did.
      for (let dieAt = kept ? 2 : 3; ; dieAt += 1) {
        let published = 0;
        const publish = approved(async ({ wait }) => {
          await wait('approval');
          published += 1;
          return 'published';
        });
        const store = createMemoryJournalStore();
        const dying = dyingStore(store, dieAt, kept);
        const crashed = await callAll([publish], { store: dying }).catch(() => null);
        const again = await callAll([publish], { store, values: { 'turn/call-0/wait-approval': yes } });
        expect(again.answered, `crash at ${dieAt}`).toEqual(said('published'));
        expect(published).toBe(1);
        if (crashed !== null) break;
      }
    }
  });

  it('is not called again when a crash hid what it did after its wait', async () => {
    const publish = approved(async ({ wait }) => {
      await wait('approval');
      throw new Error('the process is gone');
    });
    const values = { 'turn/call-0/wait-approval': yes };
    const store = createMemoryJournalStore();
    await expect(callAll([publish], { store, values })).rejects.toThrow('gone');
    const { answered } = await callAll([publish], { store, values });
    expect(answered.ok && answered.value[0]?.text).toContain('outcome is unknown');
  });

  it('ends promptly when its job is cancelled, and may be called again', async () => {
    const cancelling = new AbortController();
    const publish = approved(async ({ wait }) => {
      setImmediate(() => cancelling.abort());
      return (await wait('approval')).type;
    });
    const more: Partial<Run> = {
      signal: cancelling.signal,
      awaitSignal: (_, signal) =>
        new Promise((end) =>
          signal.addEventListener('abort', () => end(fail('cancelled', 'The job was cancelled.'))),
        ),
    };
    const { answered, store } = await callAll([publish], { more });
    expect(answered).toMatchObject({ ok: false, failure: { code: 'cancelled' } });
    const again = await callAll([publish], { store, values: { 'turn/call-0/wait-approval': yes } });
    expect(again.answered).toEqual(said('signal'));
  });

  it('leaves nothing behind that goes on: its signal fires', async () => {
    let heard = false;
    const publish = approved(async ({ wait, signal }) => {
      signal.addEventListener('abort', () => {
        heard = true;
      });
      return (await wait('approval')).type;
    });
    await callAll([publish]);
    expect(heard).toBe(true);
  });

  it('never has its answer given to another question', async () => {
    let question = 'Publish A?';
    const publish = approved(async ({ wait }) => (await wait('approval', { question })).type);
    const { store } = await callAll([publish]);
    question = 'Publish B?';
    const { answered } = await callAll([publish], { store, values: { 'turn/call-0/wait-approval': yes } });
    expect(answered).toMatchObject({ ok: false, failure: { code: 'journal-mismatch' } });
  });

  it('is told of a wait that nobody can make', async () => {
    const publish = approved(async ({ wait }) => {
      const wrong = wait('approval', { timeoutMs: Number.NaN });
      return await wrong.then(
        () => 'waited',
        (error: Error) => error.message,
      );
    });
    expect((await callAll([publish])).answered).toEqual(
      said('timeoutMs of a wait is a number of milliseconds, not NaN'),
    );
  });

  it('lets calls beside it finish, which are then not made again', async () => {
    let reads = 0;
    const read = tool('read', 'read', async () => {
      reads += 1;
      await new Promise((wake) => setImmediate(wake));
      return ok({ text: 'read' });
    });
    const ask = approved(async ({ wait }) => (await wait('approval')).type, { overlaps: true });
    const first = await callAll([ask, read]);
    expect([first.answered, reads]).toEqual([parked, 1]);
    const values = { 'turn/call-0/wait-approval': yes };
    const again = await callAll([ask, read], { store: first.store, values });
    expect(again.answered.ok && again.answered.value.map(({ text }) => text)).toEqual(['signal', 'read']);
    expect(reads).toBe(1);
  });

  it('has a key of its own for services that take one, the same at every try', async () => {
    const keys: string[] = [];
    const publish = approved(async ({ idempotencyKey, wait }) => {
      keys.push(idempotencyKey);
      return (await wait('approval')).type;
    });
    const { store } = await callAll([publish]);
    await callAll([publish], { store });
    expect(keys).toEqual(['job/turn/call-0', 'job/turn/call-0']);
  });
});
