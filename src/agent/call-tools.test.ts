import { expect, it } from 'vitest';
import { createStaticPrefix } from '../context/index.ts';
import { fail, type JournalStore, ok, type Run, type Tool } from '../core/index.ts';
import { createMemoryJournalStore, openJournal } from '../store/index.ts';
import { createMemoryWorkspace } from '../workspace/index.ts';
import { answerCalls, type Batch } from './call-tools.ts';

const cutting: Tool = {
  name: 'cut',
  purpose: 'Shows the start of a file.',
  inputSchema: { type: 'object' },
  effect: 'read',
  replay: 'safe',
  parse: (input) => ok(input),
  // The cut goes through the middle of a character.
  run: async () => ok({ text: 'smile 😀'.slice(0, 7) }),
};

function batchOf(...tools: readonly Tool[]): Batch {
  const limits = { turnsMax: 1, toolCallsMax: 1, outputTokensMax: 1000, wallMsMax: 60_000 };
  const role = {
    name: 'worker',
    model: 'm',
    effort: null,
    thinkingTokensMax: null,
    system: [],
    tools: [],
    output: null,
    limits,
    prefix: createStaticPrefix({ tools: [], system: [], sharedBlocks: 0, output: null }),
    volatile: [],
    compactAt: 0.8,
    resultsFolder: null,
  };
  const assignment = {
    role,
    tools,
    task: 'Do it.',
    goal: { remindersMax: 0, check: async () => ({ type: 'met' as const }) },
    key: 'worker',
    workspace: createMemoryWorkspace(),
  };
  const calls = tools.map(({ name }) => ({ type: 'tool-call' as const, id: name, name, input: {} }));
  return { calls, assignment, key: 'turn' };
}

async function startRun(store: JournalStore = createMemoryJournalStore()): Promise<Run> {
  return {
    id: 'job',
    signal: new AbortController().signal,
    workspace: createMemoryWorkspace(),
    journal: await openJournal(store),
    clock: { now: () => 0, sleep: async () => undefined },
    countTokens: (text) => text.length,
    caching: {
      prefixTokensMin: () => null,
      lifeOf: () => 'short',
      tokenFactor: () => 1,
      beginWith: () => ({ isFirst: true, before: null }),
    },
    model: () => {
      throw new Error('No model is asked.');
    },
    costOf: () => 1,
    emit: () => undefined,
    tell: () => undefined,
    awaitSignal: async () => fail('parked', 'Nobody waits here.'),
  };
}

it('sends no half of a character that a tool left behind', async () => {
  const answered = await answerCalls(batchOf(cutting), await startRun());
  expect(answered).toEqual(ok([{ type: 'tool-result', id: 'cut', text: 'smile \uFFFD', failed: false }]));
});

it('acts outside only when the reads before it are kept', async () => {
  const gate = Promise.withResolvers<void>();
  const { records, append } = createMemoryJournalStore();
  const slow: JournalStore = { records, append: (record) => gate.promise.then(() => append(record)) };
  const keptAtSending: string[] = [];
  const sending: Tool = {
    ...cutting,
    name: 'send',
    effect: 'outside',
    run: async () => {
      keptAtSending.push(...(await records()).map(({ key }) => key));
      return ok({ text: 'Sent.' });
    },
  };
  const answering = answerCalls(batchOf(cutting, sending), await startRun(slow));
  await new Promise(setImmediate);
  gate.resolve();
  await answering;
  expect(keptAtSending).toEqual(['turn/call-0']);
});
