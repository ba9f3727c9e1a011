import { hashBytes, ok, type Result, type Tool, type ToolAnswer, type ToolCall } from '../core/index.ts';
import { capText } from './cap-text.ts';

/** Where the whole of a capped answer of an agent is kept: a folder that the agent may read. */
export function toolResultsFolder(agent: string): string {
  return `tool-results/${agent}/`;
}

/** Wraps a tool so that a long answer is capped. The whole goes to a file that the agent can read. */
export function cappedTool(tool: Tool, charactersMax: number): Tool {
  return {
    ...tool,
    async run(input, call) {
      const result = await tool.run(input, call);
      return result.ok && result.value.text.length > charactersMax
        ? await cap(result.value, call, charactersMax)
        : result;
    },
  };
}

async function cap({ text }: ToolAnswer, call: ToolCall, charactersMax: number): Promise<Result<ToolAnswer>> {
  // The step's key is stable, so a call that is made again after a crash writes the same file.
  const path = `${toolResultsFolder(call.agent)}${hashBytes(call.key).slice(0, 12)}.txt`;
  const written = await call.workspace.write(path, text, null);
  return ok({ text: capText(text, { charactersMax, wholeAt: written.ok ? path : null }).text });
}
