import type { AssistantBlock, CountTokens, ModelRequest, Usage, UserBlock } from '../../core/index.ts';
import { imageTokens } from './image-tokens.ts';

/** Counts the tokens of a whole request: tools, system, messages and output schema. An estimate, meant to err high. */
export function requestTokens(request: ModelRequest, countTokens: CountTokens): number {
  const { tools, system, messages, output } = request;
  const parts = [
    ...tools.map((tool) => countTokens(JSON.stringify([tool.name, tool.purpose, tool.inputSchema]))),
    ...system.map((block) => countTokens(block.text)),
    ...messages.flatMap(({ blocks }) => blocks.map((block) => blockTokens(block, countTokens))),
    ...(output === undefined ? [] : [countTokens(JSON.stringify(output))]),
  ];
  const framing = framingTokens * parts.length + (tools.length === 0 ? 0 : toolPromptTokens);
  return parts.reduce((sum, tokens) => sum + tokens, framing);
}

/** What is known of a call whose server reported nothing: counted here, cached tokens unknown. */
export function estimatedUsage(request: ModelRequest, answered: string, countTokens: CountTokens): Usage {
  return {
    inputTokens: requestTokens(request, countTokens),
    cacheReadTokens: 'unknown',
    cacheWrite5mTokens: 0,
    cacheWrite1hTokens: 0,
    outputTokens: countTokens(answered),
    reasoningTokens: 0,
  };
}

/** Tokens around one block. Measured: 7 for a single user message (ctoc report on Claude 4). */
const framingTokens = 7;

/** The prompt a provider adds when there are tools; Opus 4.7 has the longest (Anthropic, "Tool use overview"). */
const toolPromptTokens = 675;

function blockTokens(block: UserBlock | AssistantBlock, countTokens: CountTokens): number {
  switch (block.type) {
    case 'text':
    case 'tool-result':
      return countTokens(block.text);
    case 'tool-call':
      return countTokens(`${block.name} ${JSON.stringify(block.input)}`);
    case 'image':
      return imageTokens(block);
    case 'opaque':
      return countTokens(JSON.stringify(block.content));
  }
}
