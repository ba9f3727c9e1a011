import type { ModelRequest, StepRecord, Tool, Usage } from '../../src/core/index.ts';
import { defineTeam, type Team } from '../../src/inspan.ts';
import {
  callTool,
  callTools,
  type Script,
  type ScriptEntry,
  type ScriptedModel,
  say,
  scriptedTeam,
} from '../../src/testing.ts';

/** What a press may want otherwise. */
export interface PressOptions {
  /** Takes the idempotency key of every publication. */
  readonly published?: string[];
  readonly budgetUsd?: number;
  /** How long an approval is waited for. Default: for ever. */
  readonly timeoutMs?: number;
}

/**
 * A lead, two writers who work side by side, and an editor who asks for approval, publishes (never twice) and writes
 * down what came of it: everything that a crash may hit.
 */
export function pressTeam(options: PressOptions = {}): Team {
  const { budgetUsd = 50 } = options;
  return defineTeam({
    name: 'press',
    budget: { usd: budgetUsd },
    lead: { description: 'Leads.', prompt: 'Lead the team by the plan.' },
    memory: 'We write plainly.',
    agents: {
      anna: { description: 'Writes.', prompt: 'Write.', reads: ['brief.md'], writes: 'a.md' },
      bert: { description: 'Writes.', prompt: 'Write.', reads: ['brief.md'], writes: 'b.md' },
      editor: {
        description: 'Edits.',
        prompt: 'Edit.',
        reads: ['a.md', 'b.md'],
        writes: 'final.md',
        last: true,
        tools: ['read_file', 'write_file', approveTool(options), publishTool(options)],
      },
    },
    result: { draft: 'a.md', final: 'final.md' },
  });
}

function approveTool({ timeoutMs }: PressOptions): Tool {
  return {
    ...rawTool('approve'),
    async run(_, { wait }) {
      const end = await wait('approval', {
        question: 'May it go out?',
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
      });
      return { ok: true, value: { text: end.type === 'signal' ? JSON.stringify(end.value) : 'nobody' } };
    },
  };
}

function publishTool({ published = [] }: PressOptions): Tool {
  return {
    ...rawTool('publish'),
    async run(_, { idempotencyKey }) {
      published.push(idempotencyKey);
      return { ok: true, value: { text: 'Published.' } };
    },
  };
}

function rawTool(name: string): Omit<Tool, 'run'> {
  return {
    name,
    purpose: 'Does it.',
    inputSchema: { type: 'object' },
    effect: 'outside',
    replay: 'never',
    parse: (value) => ({ ok: true, value }),
  };
}

/** Every call costs the same, whatever stands in it. */
const usage: Usage = {
  inputTokens: 100,
  cacheReadTokens: 0,
  cacheWrite5mTokens: 0,
  cacheWrite1hTokens: 0,
  outputTokens: 20,
  reasoningTokens: 0,
};

/** Keys of the editor's steps. */
export const editorKey = 'lead/turn-2/call-0/editor';

/** Plays the press as a provider would: by the conversation that is sent, not by how often it was asked. */
export function pressModel(final = 'FINAL by three'): ScriptedModel {
  return scriptedTeam({ ...writersOf(), editor: byTurn(editing(final)) });
}

function writersOf(): Record<string, Script> {
  const writer = (path: string, content: string): Script =>
    byTurn([
      callTool('write_file', { path, content }, { usage, id: path }),
      say(`Wrote ${path}.`, { usage }),
    ]);
  return {
    lead: byTurn([
      callTools(
        ['anna', 'bert'].map((agent) => ({ name: 'delegate', input: { agent }, id: agent })),
        { usage },
      ),
      callTool('delegate', { agent: 'editor' }, { usage, id: 'editor' }),
      say('All is written.', { usage }),
    ]),
    anna: writer('a.md', 'A by Anna'),
    bert: writer('b.md', 'B by Bert'),
  };
}

function editing(final: string): readonly ScriptEntry[] {
  return [
    callTool('approve', {}, { usage, id: 'approve' }),
    callTool('publish', {}, { usage, id: 'publish' }),
    callTool('write_file', { path: 'final.md', content: final }, { usage, id: 'final' }),
    say('Edited.', { usage }),
  ];
}

function byTurn(entries: readonly ScriptEntry[]): Script {
  return ({ messages }) => {
    const turn = messages.filter(({ role }) => role === 'assistant').length;
    const entry = entries[turn];
    if (entry === undefined) throw new Error(`The script has no turn ${turn + 1}`);
    return entry;
  };
}

/** The step that a request is recorded as. */
export function stepOf({ lane, messages }: ModelRequest): string {
  return `${lane}/turn-${messages.filter(({ role }) => role === 'assistant').length + 1}/model`;
}

/** Keys of the model calls that are recorded as finished. */
export function finishedCalls(records: readonly { readonly record: StepRecord }[]): readonly string[] {
  return records.flatMap(({ record: { type, kind, key } }) =>
    type === 'done' && kind === 'model' ? [key] : [],
  );
}
