import type { AssistantBlock, CountTokens } from '../../../core/index.ts';
import { fillSchema } from '../../offline/schema/fill-schema.ts';
import type { Supply } from '../../offline/schema/supply.ts';
import type { Brain } from './brain.ts';
import { standingOf } from './conversation.ts';
import { headOfTokens } from './head-of-tokens.ts';

/** How long answers are, and how many turns of a conversation call a tool. */
export interface FixedAnswers {
  readonly tokens: number;
  readonly toolCalls: number;
}

/**
 * Says nothing in so many tokens, for load and for bills known beforehand.
 * Its tool calls have the plainest arguments that the tool's schema allows; asked for JSON, it gives such JSON.
 */
export function createFixedBrain({ tokens, toolCalls }: FixedAnswers, countTokens: CountTokens): Brain {
  const text = headOfTokens(' word'.repeat(tokens), tokens, countTokens);
  return async ({ request }) => {
    const { turns } = standingOf(request.messages);
    const [tool] = request.tools;
    if (tool !== undefined && turns < toolCalls) {
      const input = fillSchema(tool.inputSchema, filling);
      const call: AssistantBlock = { type: 'tool-call', id: `call_${turns + 1}_1`, name: tool.name, input };
      return { type: 'reply', reply: { blocks: [{ type: 'text', text }, call], stop: 'tool-calls' } };
    }
    const said =
      request.output === undefined ? text : JSON.stringify(fillSchema(request.output.schema, filling));
    return { type: 'reply', reply: { blocks: [{ type: 'text', text: said }], stop: 'done' } };
  };
}

const supply: Supply = Object.freeze({ fill: () => 'word', next: () => 'word', left: () => 0 });
const filling = Object.freeze({ supply, plain: true });
