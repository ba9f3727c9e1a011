import { describe, expect, it } from 'vitest';
import { type Message, type Model, type ModelRequest, ok } from '../core/index.ts';
import { callTool, failWith, type ScriptEntry, say, scriptedModel } from '../models/testing.ts';
import { createMemoryJournalStore, openJournal } from '../store/index.ts';
import { createMemoryWorkspace } from '../workspace/index.ts';
import { runAgent } from './index.ts';
import { assignment, dyingStore, ranWhole, runOn, task, tool } from './testing.ts';

const pages = 10;
const summary = 'Read some pages; wrote notes/a.md in the first turn; go on with the next page.';

/** A page of 400 tokens, made of short words so that every tokenizer agrees. */
const pageText = (page: number): string => `page ${page} `.padEnd(1_600, 'la ');

const readPage = tool('read_page', 'read', async (input) => {
  const { page } = input as { readonly page: number };
  return ok({ text: pageText(page) });
});
const writeFile = tool('write_file', 'write', async (input, call) => {
  const { path } = input as { readonly path: string };
  await call.workspace.write(path, 'Notes.', null);
  return ok({ text: `Wrote ${path}.` });
});
const readFile = tool('read_file', 'read', async () => ok({ text: 'What was moved.' }));

/** Says a rule, writes a note, reads page after page and ends: what comes next is read from the conversation alone. */
function reader(
  summarise: (request: ModelRequest, attempt: number) => ScriptEntry,
  contextTokensMax = 6_500,
) {
  let asked = 0;
  return scriptedModel(
    (request) => {
      if (request.lane.endsWith('/compact')) return summarise(request, ++asked);
      const calls = request.messages.flatMap(({ blocks }) =>
        blocks.filter((block) => block.type === 'tool-call'),
      );
      const last = calls.at(-1);
      if (last === undefined)
        return callTool(
          'write_file',
          { path: 'notes/a.md' },
          { text: 'I must never quote page 3. What is the tone?' },
        );
      const page = last.name === 'write_file' ? 1 : (last.input as { page: number }).page + 1;
      return page > pages ? say('All read.') : callTool('read_page', { page });
    },
    { contextTokensMax },
  );
}

const tools = [readPage, writeFile];

async function ran(
  model: Model,
  { tools: given = tools, store = createMemoryJournalStore(), role = {} } = {},
) {
  const workspace = createMemoryWorkspace();
  const { run, events } = runOn(model, await openJournal(store), workspace);
  const ended = await runAgent(assignment(given, workspace, role), run);
  return { ended, events, compacted: events.filter((event) => event.type === 'compacted'), workspace };
}

function textOf(messages: readonly Message[]): string {
  return messages
    .flatMap(({ blocks }) => blocks.map((block) => (block.type === 'text' ? block.text : '')))
    .join('\n');
}

/** The first request that goes on after a summary. */
function afterSummary(requests: readonly ModelRequest[]): ModelRequest {
  const asked = requests.findIndex(({ lane }) => lane.endsWith('/compact'));
  const next = requests.slice(asked).find(({ lane }) => !lane.endsWith('/compact'));
  if (next === undefined) throw new Error('nothing was asked after the summary');
  return next;
}

describe('a conversation that outgrows its share of the window', () => {
  it('is summed up: the task and what binds stay word for word, and so do the last four turns', async () => {
    const model = reader(() => say(summary));
    const { ended, compacted, events } = await ran(model);
    expect(ended).toEqual(ok({ said: 'All read.', turns: pages + 2 }));
    expect(compacted).toMatchObject([{ agent: 'worker', key: 'worker', refusals: 0 }]);
    const [first, , ...kept] = afterSummary(model.requests).messages;
    expect(first?.blocks).toEqual([{ type: 'text', text: task }]);
    expect(kept.map(({ role }) => role)).toEqual(
      Array.from({ length: 4 }, () => ['assistant', 'user']).flat(),
    );
    const said = textOf(afterSummary(model.requests).messages);
    for (const part of ['I must never quote page 3.', 'What is the tone?', summary])
      expect(said).toContain(part);
    expect(events.filter(({ type }) => type === 'prefix-break')).toEqual([]);
  });

  it('is smaller afterwards, as the event says, and its new lane only grows', async () => {
    const model = reader(() => say(summary));
    const { compacted } = await ran(model);
    const event = compacted[0];
    expect(event?.afterTokens).toBeLessThan(event?.beforeTokens ?? 0);
    const later = model.requests.slice(
      model.requests.findIndex((request) => request.lane.endsWith('/compact')) + 1,
    );
    for (const [index, { messages }] of later.entries()) {
      const before = later[index - 1]?.messages ?? [];
      expect(messages.slice(0, before.length).map(({ blocks }) => blocks)).toEqual(
        before.map(({ blocks }) => blocks),
      );
    }
  });

  it('asks for the summary behind what was already sent, so that it can be read from the cache', async () => {
    const model = reader(() => say(summary));
    await ran(model);
    const index = model.requests.findIndex(({ lane }) => lane.endsWith('/compact'));
    const [asked, before] = [model.requests[index], model.requests[index - 1]];
    const old = asked?.messages.slice(0, -1).map(({ blocks }) => blocks);
    expect(old).toEqual(before?.messages.slice(0, old?.length).map(({ blocks }) => blocks));
    expect(asked?.tools).toEqual(before?.tools);
  });

  it('is never left to a summary that lost a path: it is asked for again, with what was missing', async () => {
    const model = reader((_, attempt) => say(attempt === 1 ? 'Read some pages.' : summary));
    const { compacted } = await ran(model);
    expect(compacted).toMatchObject([{ refusals: 1 }]);
    const again = model.requests.filter(({ lane }) => lane.endsWith('/compact'))[1];
    expect(textOf(again?.messages.slice(-1) ?? [])).toMatch(/had lost these.*\n- notes\/a\.md/);
    expect(textOf(afterSummary(model.requests).messages)).toContain(summary);
  });

  it('gets back from code what two summaries lost', async () => {
    const model = reader(() => say('Read some pages.'));
    const { compacted } = await ran(model);
    expect(compacted).toMatchObject([{ refusals: 2 }]);
    expect(textOf(afterSummary(model.requests).messages)).toMatch(/Also to be kept in mind:\n- notes\/a\.md/);
  });

  it.each([
    ['fails', () => failWith('request-rejected')],
    ['is empty', () => say('')],
    ['is longer than what it replaces', () => say(`${summary} la`.repeat(500))],
    ['is another tool call', () => callTool('read_page', { page: 1 })],
  ])('goes on as it is when the summary %s, and does not ask every turn', async (_, answer) => {
    const model = reader(answer);
    const { ended, compacted } = await ran(model);
    expect(ended.ok).toBe(true);
    expect(compacted).toEqual([]);
    expect(model.requests.filter(({ lane }) => lane.endsWith('/compact')).length).toBeLessThanOrEqual(2);
    expect(model.requests.at(-1)?.messages).toHaveLength(2 * (pages + 1) + 1);
  });

  it('ends with an outage as any call does, unrecorded', async () => {
    const store = createMemoryJournalStore();
    const { ended } = await ran(
      reader(() => failWith('provider-down')),
      { store },
    );
    expect(ended).toMatchObject({ failure: { code: 'provider-down' } });
    const workspace = createMemoryWorkspace();
    const later = runOn(
      reader(() => say(summary)),
      await openJournal(store),
      workspace,
    );
    expect(await runAgent(assignment(tools, workspace), later.run)).toMatchObject({ ok: true });
  });

  it('pays for no summary when what stays is too much even so', async () => {
    const model = reader(() => say(summary), 600);
    expect((await ran(model)).ended.ok).toBe(true);
    expect(model.requests.every(({ lane }) => lane === 'worker')).toBe(true);
  });

  it('pays for no summary when there is little to sum up', async () => {
    const longPage = tool('read_page', 'read', async () => ok({ text: pageText(1).repeat(10) }));
    const script = [callTool('write_file', { path: 'a.md' }), callTool('read_page', {}), say('Done.')];
    const longest = async (contextTokensMax: number): Promise<number> => {
      const { ended, events } = await ran(scriptedModel(script, { contextTokensMax }), {
        tools: [longPage, writeFile],
      });
      expect(ended.ok).toBe(true);
      const calls = events.filter((event) => event.type === 'model-called');
      expect(calls).toHaveLength(script.length);
      return Math.max(...calls.map(({ contextTokens }) => contextTokens));
    };
    const tokens = await longest(1_000_000);
    // A quarter of the window is held free: the last request is a few tokens too long, and only the first turn is old.
    expect(await longest(Math.ceil((tokens - 10) / 0.75))).toBe(tokens);
  });

  it('is not summed up more than 20 times', async () => {
    const endless = scriptedModel(
      ({ lane }, call) =>
        lane.endsWith('/compact') ? say('So far.') : callTool('read_page', { page: call }),
      { contextTokensMax: 1_600 },
    );
    const limits = { turnsMax: 120, toolCallsMax: 200, outputTokensMax: 50_000, wallMsMax: 60_000 };
    await ran(endless, { role: { limits } });
    expect(endless.requests.filter(({ lane }) => lane.endsWith('/compact'))).toHaveLength(20);
  });

  it('is left alone as long as it fits', async () => {
    const model = reader(() => say(summary), 200_000);
    expect((await ran(model)).compacted).toEqual([]);
    expect(model.requests.every(({ lane }) => lane === 'worker')).toBe(true);
  });

  it('is summed up earlier where the agent says so', async () => {
    const early = await ran(
      reader(() => say(summary)),
      { role: { compactAt: 0.5 } },
    );
    const late = await ran(reader(() => say(summary)));
    expect(early.compacted[0]?.beforeTokens).toBeLessThan(late.compacted[0]?.beforeTokens ?? 0);
  });
});

describe('big tool results of old turns', () => {
  const bigPage = tool('read_page', 'read', async (input) => {
    const { page } = input as { readonly page: number };
    return ok({ text: pageText(page).repeat(2) });
  });

  it('move to files first, with a line that says how to read them again; no summary is needed then', async () => {
    const model = reader(() => say(summary), 11_000);
    const { compacted, workspace } = await ran(model, { tools: [bigPage, writeFile, readFile] });
    expect(compacted.map(({ refusals }) => refusals)).toEqual([0]);
    expect(model.requests.some(({ lane }) => lane.endsWith('/compact'))).toBe(false);
    const files = (await workspace.list()).filter(({ path }) => path.startsWith('tool-results/worker/'));
    expect(files.length).toBeGreaterThan(0);
    const results = model.requests
      .at(-1)
      ?.messages.flatMap(({ blocks }) =>
        blocks.flatMap((block) => (block.type === 'tool-result' ? [block.text] : [])),
      );
    const pointers = results?.filter((text) => text.includes('characters that stood here are in')) ?? [];
    expect(pointers).toHaveLength(files.length);
    for (const pointer of pointers) {
      const path = /tool-results\/worker\/\w+\.txt/.exec(pointer)?.[0] ?? '';
      const file = await workspace.read(path);
      expect(file.ok && new TextDecoder().decode(file.value.bytes)).toMatch(/^page \d+ la la/);
    }
  });

  it('stay where the agent could not read them again', async () => {
    const model = reader(() => say(summary), 11_000);
    const { workspace } = await ran(model, { tools: [bigPage, writeFile] });
    expect((await workspace.list()).map(({ path }) => path)).toEqual(['notes/a.md']);
  });
});

describe('a compacted conversation and a crash', () => {
  const big = [
    tool('read_page', 'read', async (input) => {
      const { page } = input as { readonly page: number };
      return ok({ text: pageText(page).repeat(2) });
    }),
    writeFile,
    readFile,
  ];
  // Small enough that moving results is not enough.
  const model = () => reader((_, attempt) => say(attempt % 2 === 1 ? 'Read some pages.' : summary), 6_000);

  it.each([true, false])('come to the same end at every journal write (record kept: %s)', async (kept) => {
    const whole = createMemoryJournalStore();
    const first = await ran(model(), { tools: big, store: whole });
    expect(first.compacted.length).toBeGreaterThan(0);
    const records = await whole.records();
    expect(records.some(({ key }) => key.endsWith('/compact/files'))).toBe(true);
    for (let dieAt = 1; dieAt <= records.length; dieAt += 1) {
      const store = createMemoryJournalStore();
      const workspace = createMemoryWorkspace();
      const dying = runOn(model(), await openJournal(dyingStore(store, dieAt, kept)), workspace);
      await expect(ranWhole(assignment(big, workspace), dying.run)).rejects.toThrow('the process is gone');
      const later = runOn(
        reader(() => say(summary), 6_000),
        await openJournal(store),
        workspace,
      );
      // What a crash hid is made true from the record before anything runs.
      for (const record of await store.records())
        if ('changes' in record && record.changes !== undefined) await workspace.apply(record.changes);
      expect(await runAgent(assignment(big, workspace), later.run), `crash at ${dieAt}`).toEqual(first.ended);
    }
  });

  it('replay without a model call, also when another model with another window stands behind the name', async () => {
    const store = createMemoryJournalStore();
    const first = await ran(model(), { tools: big, store });
    const silent = scriptedModel([], { contextTokensMax: 1_000_000 });
    const again = await ran(silent, { tools: big, store });
    expect(silent.requests).toEqual([]);
    expect(again.ended).toEqual(first.ended);
    expect(again.compacted).toEqual(first.compacted);
  });
});
