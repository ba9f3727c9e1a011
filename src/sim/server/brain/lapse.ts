import {
  type AssistantBlock,
  isJsonObject,
  type Json,
  type JsonSchema,
  type ToolDefinition,
} from '../../../core/index.ts';
import type { BrainReply } from './brain.ts';

/** Gives every tool call arguments that break its tool's schema. They are still JSON. */
export function withWrongArguments(reply: BrainReply, tools: readonly ToolDefinition[]): BrainReply {
  const blocks = reply.blocks.map((block): AssistantBlock => {
    if (block.type !== 'tool-call') return block;
    const schema = tools.find(({ name }) => name === block.name)?.inputSchema ?? {};
    return { ...block, input: wrongInput(schema) };
  });
  return { ...reply, blocks };
}

/** A reply that refuses. */
export const refusedReply: BrainReply = Object.freeze({
  blocks: Object.freeze([Object.freeze({ type: 'text', text: 'I cannot help with that.' })]),
  stop: 'refused',
});

/** Every property with a value of a type it does not have, and one that no schema knows. */
function wrongInput({ properties }: JsonSchema): Json {
  const declared = isJsonObject(properties) ? Object.entries(properties) : [];
  const wrong = declared.map(([name, schema]) => [name, takesObjects(schema) ? 'wrong' : { wrong: true }]);
  return { ...Object.fromEntries(wrong), unexpected: true };
}

function takesObjects(schema: Json): boolean {
  return isJsonObject(schema) && (schema['type'] === 'object' || schema['properties'] !== undefined);
}
