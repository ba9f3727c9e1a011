import { z } from 'zod';
import { ok, type Tool } from '../../src/core/index.ts';
import {
  callTool,
  type Script,
  type ScriptEntry,
  type ScriptedModel,
  say,
  scriptedTeam,
} from '../../src/models/testing.ts';
import { defineTeam, type Team } from '../../src/team/index.ts';
import { tool } from '../../src/tools/index.ts';

/** What a test may want otherwise. */
export interface PairOptions {
  readonly name?: string;
  readonly writerPrompt?: string;
  /** Stands for the code of its tool. */
  readonly code?: string;
  readonly asks?: boolean;
}

/** A writer, who may ask for approval first, and an editor who reads what it wrote. */
export function pairTeam({
  name = 'pair',
  writerPrompt = 'Write.',
  code = 'code-1',
  asks = false,
}: PairOptions = {}): Team {
  return defineTeam({
    name,
    pattern: 'pipeline',
    agents: {
      writer: {
        description: 'Writes.',
        prompt: writerPrompt,
        reads: ['brief.md'],
        writes: 'text.md',
        tools: ['read_file', 'write_file', ...(asks ? [approval(code)] : [])],
      },
      editor: { description: 'Edits.', prompt: 'Edit.', reads: ['text.md'], writes: 'final.md' },
    },
    result: { final: 'final.md' },
  });
}

function approval(codeHash: string): Tool {
  const approve = tool({
    name: 'approve',
    purpose: 'Asks a person.',
    input: z.object({}),
    effect: 'outside',
    async run(_, { wait }) {
      const end = await wait('approval', { question: 'May it go out?' });
      return ok({ text: end.type === 'signal' ? `They say ${JSON.stringify(end.value)}` : 'Nobody said.' });
    },
  });
  return { ...approve, codeHash };
}

/** Plays the pair as a provider would: by the conversation that is sent, not by how often it was asked. */
export function pairModel({
  asks = false,
  text = 'First text',
}: {
  readonly asks?: boolean;
  readonly text?: string;
} = {}): ScriptedModel {
  const write = (path: string, content: string): ScriptEntry => callTool('write_file', { path, content });
  return scriptedTeam({
    writer: byTurn([...(asks ? [callTool('approve', {})] : []), write('text.md', text), say('Wrote it.')]),
    editor: byTurn([write('final.md', `Edited: ${text}`), say('Edited it.')]),
  });
}

function byTurn(entries: readonly ScriptEntry[]): Script {
  return ({ messages }) => {
    const turn = messages.filter(({ role }) => role === 'assistant').length;
    const entry = entries[turn];
    if (entry === undefined) throw new Error(`The script has no turn ${turn + 1}`);
    return entry;
  };
}
