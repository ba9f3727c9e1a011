import { createStaticPrefix } from '../context/index.ts';
import {
  fail,
  type JobEvent,
  type Journal,
  type JournalStore,
  type Model,
  type ModelRequest,
  ok,
  type Result,
  type Run,
  type Tool,
  type Workspace,
} from '../core/index.ts';
import { runAgent } from './loop.ts';
import type { AgentEnd, Assignment } from './role.ts';

/** What the worker is told first. */
export const task = 'Read ten pages one by one. You must rhyme.\nAt most 280 characters.';

/** Makes a tool that takes whatever it is given. */
export function tool(name: string, effect: Tool['effect'], run: Tool['run']): Tool {
  const inputSchema = { type: 'object' };
  return { name, purpose: 'Does it.', inputSchema, effect, replay: 'safe', parse: ok, run };
}

/** Gives a worker a task; `more` changes its role. */
export function assignment(
  tools: readonly Tool[],
  workspace: Workspace,
  more: Partial<Assignment['role']> = {},
): Assignment {
  const definitions = tools.map(({ name, purpose, inputSchema, effect }) => ({
    name,
    purpose,
    inputSchema,
    effect,
  }));
  const limits = { turnsMax: 30, toolCallsMax: 50, outputTokensMax: 50_000, wallMsMax: 60_000 };
  const role = {
    name: 'worker',
    model: 'm',
    effort: null,
    thinkingTokensMax: null,
    system: [],
    tools: definitions,
    output: null,
    limits,
    prefix: createStaticPrefix({ tools: definitions, system: [], sharedBlocks: 0, output: null }),
    volatile: [],
    compactAt: 0.8,
    resultsFolder: 'tool-results/worker/',
    ...more,
  };
  const goal: Assignment['goal'] = { remindersMax: 0, check: async () => ({ type: 'met' }) };
  return { role, tools, task, goal, key: 'worker', workspace };
}

/** Makes a run on one model, and collects its events. Time stands still. */
export function runOn(
  model: Model,
  journal: Journal,
  workspace: Workspace,
): { readonly run: Run; readonly events: JobEvent[] } {
  const events: JobEvent[] = [];
  const run: Run = {
    id: 'job',
    signal: new AbortController().signal,
    workspace,
    journal,
    clock: {
      now: () => 0,
      sleep: (_, signal) => new Promise((wake) => signal.addEventListener('abort', () => wake())),
    },
    countTokens: (text) => Math.ceil(text.length / 4),
    caching: {
      prefixTokensMin: () => null,
      lifeOf: () => 'short',
      tokenFactor: () => 1,
      beginWith: () => ({ isFirst: true, before: null }),
    },
    model: () => model,
    costOf: () => 1,
    emit: (event) => void events.push(event),
    tell: () => undefined,
    awaitSignal: async () => fail('parked', 'Nobody waits here.'),
  };
  return { run, events };
}

/** Makes a store that dies at its n-th append: after the record is safe (`kept`), or before. */
export function dyingStore(store: JournalStore, dieAt: number, kept: boolean): JournalStore {
  let appends = 0;
  return {
    records: () => store.records(),
    async append(record) {
      appends += 1;
      if (appends < dieAt || (appends === dieAt && kept)) await store.append(record);
      if (appends >= dieAt) throw new Error('the process is gone');
    },
  };
}

/** Runs an agent to its end, and until its journal has kept everything. */
export async function ranWhole(assignment: Assignment, run: Run): Promise<Result<AgentEnd>> {
  const end = await runAgent(assignment, run);
  await run.journal.settled();
  return end;
}

/** The texts of all tool results that a request shows. */
export function resultsIn(request: ModelRequest | undefined): readonly string[] {
  return (request?.messages ?? []).flatMap(({ blocks }) =>
    blocks.flatMap((block) => (block.type === 'tool-result' ? [block.text] : [])),
  );
}
