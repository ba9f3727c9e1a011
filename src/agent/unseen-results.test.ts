import { describe, expect, it } from 'vitest';
import { requestTokens } from '../context/index.ts';
import { type Model, ok, type Tool } from '../core/index.ts';
import { callTool, callTools, failWith, say, scriptedModel } from '../models/testing.ts';
import { createMemoryJournalStore, openJournal } from '../store/index.ts';
import { createMemoryWorkspace } from '../workspace/index.ts';
import { runAgent } from './index.ts';
import { assignment, dyingStore, ranWhole, resultsIn, runOn, tool } from './testing.ts';

/** Files of 45,000 characters, about 11,000 tokens each. */
const fileText = (path: string): string => `${path}\n`.padEnd(45_000, 'la ');
const readBigFile = tool('read_file', 'read', async (input) => {
  const { path, limit } = input as { readonly path: string; readonly limit?: number };
  return ok({ text: limit === undefined ? fileText(path) : `The beginning of ${path}.` });
});
const fetchPage = tool('fetch_page', 'read', async (input) => {
  const { path } = input as { readonly path: string };
  return ok({ text: fileText(path) });
});
const bigFiles = ['a.md', 'b.md', 'c.md', 'd.md'];

/** Reads four files at once, then parts of those that did not fit, one by one. Refuses what its window cannot hold. */
function batchReader(toolName: string) {
  const contextTokensMax = 32_000;
  return scriptedModel(
    (request) => {
      if (requestTokens(request, (text) => Math.ceil(text.length / 4)) > contextTokensMax)
        return failWith('context-full');
      if (request.lane.endsWith('/compact')) return say('Read some.');
      if (request.messages.length === 1)
        return callTools(bigFiles.map((path) => ({ name: toolName, input: { path } })));
      const results = resultsIn(request);
      const lost = results.flatMap((text) => /characters of (\S+) did not fit/.exec(text)?.[1] ?? []);
      const path = lost[results.length - bigFiles.length];
      return path === undefined ? say('All read.') : callTool('read_file', { path, limit: 100 });
    },
    { contextTokensMax },
  );
}

async function ran(
  model: Model,
  {
    tools,
    store = createMemoryJournalStore(),
    role = {},
  }: {
    readonly tools: readonly Tool[];
    readonly store?: ReturnType<typeof createMemoryJournalStore>;
    readonly role?: { readonly compactAt?: number };
  },
) {
  const workspace = createMemoryWorkspace();
  const { run, events } = runOn(model, await openJournal(store), workspace);
  const ended = await runAgent(assignment(tools, workspace, role), run);
  return { ended, events, compacted: events.filter((event) => event.type === 'compacted'), workspace };
}

describe('a turn that reads more than the window holds', () => {
  it.each([0.8, 0.5])('ends well: what did not fit is read in parts (compactAt %d)', async (compactAt) => {
    const model = batchReader('read_file');
    const store = createMemoryJournalStore();
    const { ended, events, compacted } = await ran(model, {
      store,
      tools: [readBigFile],
      role: { compactAt },
    });
    expect(ended).toMatchObject(ok({ said: 'All read.' }));
    expect(resultsIn(model.requests[1]).some((text) => text.length === 45_000)).toBe(true);
    expect(compacted[0]?.afterTokens).toBeLessThanOrEqual(24_000);
    expect(events.some(({ type }) => type === 'prefix-break')).toBe(false);
    expect(model.requests.some(({ lane }) => lane.endsWith('/compact'))).toBe(false);
    expect((await store.records()).some(({ key }) => key.endsWith('/compact/newest-files'))).toBe(false);
  });

  it('may follow another: old results always make room, without a summary', async () => {
    const model = scriptedModel(
      (request, call) => {
        if (requestTokens(request, (text) => Math.ceil(text.length / 4)) > 32_000)
          return failWith('context-full');
        return call > 6 ? say('All read.') : callTool('read_file', { path: `${call}.md` });
      },
      { contextTokensMax: 32_000 },
    );
    const { ended, compacted } = await ran(model, { tools: [readBigFile], role: { compactAt: 0.4 } });
    expect(ended).toMatchObject(ok({ said: 'All read.' }));
    expect(compacted.length).toBeGreaterThan(2);
    expect(model.requests.every(({ lane }) => lane === 'worker')).toBe(true);
    // The newest is always there to be worked with.
    for (const request of model.requests.slice(1)) expect(resultsIn(request).at(-1)).toHaveLength(45_000);
  });

  it('keeps what came from no file in a file', async () => {
    const model = batchReader('fetch_page');
    const { ended, workspace } = await ran(model, { tools: [fetchPage, readBigFile] });
    expect(ended.ok).toBe(true);
    const [path = ''] = resultsIn(model.requests[1]).flatMap((text) => / of (\S+) did/.exec(text)?.[1] ?? []);
    const file = await workspace.read(path);
    expect(file.ok && bigFiles.map(fileText)).toContain(
      file.ok ? new TextDecoder().decode(file.value.bytes) : '',
    );
  });

  it('still extends what was sent before', async () => {
    const model = batchReader('read_file');
    await ran(model, { tools: [readBigFile] });
    const [first, second] = model.requests;
    expect(second?.messages.slice(0, 1).map(({ blocks }) => blocks)).toEqual(
      first?.messages.map(({ blocks }) => blocks),
    );
  });

  it.each([
    ['read_file', true],
    ['read_file', false],
    ['fetch_page', true],
    ['fetch_page', false],
  ])('comes to the same end after a crash at every write (%s, record kept: %s)', async (name, kept) => {
    const tools = [fetchPage, readBigFile];
    const whole = createMemoryJournalStore();
    const model = batchReader(name);
    const first = await ran(model, { tools, store: whole });
    expect(first.ended.ok).toBe(true);
    for (let dieAt = 1; dieAt <= (await whole.records()).length; dieAt += 1) {
      const store = createMemoryJournalStore();
      const workspace = createMemoryWorkspace();
      const dying = runOn(batchReader(name), await openJournal(dyingStore(store, dieAt, kept)), workspace);
      await expect(ranWhole(assignment(tools, workspace), dying.run)).rejects.toThrow('the process is gone');
      for (const record of await store.records())
        if ('changes' in record && record.changes !== undefined) await workspace.apply(record.changes);
      const later = runOn(batchReader(name), await openJournal(store), workspace);
      expect(await runAgent(assignment(tools, workspace), later.run), `crash at ${dieAt}`).toEqual(
        first.ended,
      );
      expect(later.events.filter(({ type }) => type === 'compacted')).toEqual(first.compacted);
      expect(await workspace.list()).toEqual(await first.workspace.list());
    }
  });
});
