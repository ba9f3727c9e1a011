import {
  type AssistantBlock,
  type CountTokens,
  canonicalJson,
  type ModelRequest,
  type ToolDefinition,
  type UserBlock,
} from '../core/index.ts';
import type { PlacedBlock } from './layout.ts';

/** What an agent's static part costs in tokens on every turn, by part. */
export interface TokenBill {
  readonly base: number;
  readonly memory: number;
  readonly prompt: number;
  readonly skill: number;
  readonly tools: number;
  readonly total: number;
}

/** Counts an agent's static part. */
export function tokenBill(
  system: readonly PlacedBlock[],
  tools: readonly ToolDefinition[],
  countTokens: CountTokens,
): TokenBill {
  const part = (name: PlacedBlock['part']): number =>
    system.filter((block) => block.part === name).reduce((sum, { text }) => sum + countTokens(text), 0);
  const bill = {
    base: part('base'),
    memory: part('memory'),
    prompt: part('prompt'),
    skill: part('skill'),
    tools: toolTokens(tools, countTokens),
  };
  return { ...bill, total: bill.base + bill.memory + bill.prompt + bill.skill + bill.tools };
}

/** Counts everything a request puts into the context window. */
export function requestTokens(request: ModelRequest, countTokens: CountTokens): number {
  const system = request.system.reduce((sum, { text }) => sum + countTokens(text), 0);
  return system + toolTokens(request.tools, countTokens) + messageTokens(request.messages, countTokens);
}

/** Counts messages: text as it is, tool calls and opaque blocks as their JSON, a picture as the largest there is. */
export function messageTokens(messages: ModelRequest['messages'], countTokens: CountTokens): number {
  let tokens = 0;
  for (const { blocks } of messages) {
    for (const block of blocks) {
      tokens += blockTokens(block, countTokens);
    }
  }
  return tokens;
}

/** What a picture costs at most before it is scaled down (Anthropic, "Vision"). */
const imageTokens = 1_600;

function blockTokens(block: UserBlock | AssistantBlock, countTokens: CountTokens): number {
  if (block.type === 'image') return imageTokens;
  return countTokens(
    block.type === 'text' || block.type === 'tool-result' ? block.text : canonicalJson(block),
  );
}

/** Counts tool definitions as they are sent. */
export function toolTokens(tools: readonly ToolDefinition[], countTokens: CountTokens): number {
  const sent = tools.map(({ name, purpose, inputSchema }) => ({
    name,
    description: purpose,
    input_schema: inputSchema,
  }));
  return sent.length === 0 ? 0 : countTokens(canonicalJson(sent));
}
