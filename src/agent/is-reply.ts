import { type AssistantBlock, isJsonObject, noUsage, type Reply, type Usage } from '../core/index.ts';

/** Says whether a recorded value is a reply: all that is later read of it is there. */
export function isReply(value: unknown): value is Reply {
  if (!isJsonObject(value)) return false;
  const { blocks, stop, usage, model } = value;
  if (typeof stop !== 'string' || typeof model !== 'string') return false;
  return Array.isArray(blocks) && blocks.every(isBlock) && isUsage(usage);
}

function isBlock(block: unknown): block is AssistantBlock {
  if (!isJsonObject(block)) return false;
  const { type, text, id, name, input } = block;
  if (type === 'text') return typeof text === 'string';
  if (type === 'tool-call') return typeof id === 'string' && typeof name === 'string' && input !== undefined;
  return type === 'opaque';
}

function isUsage(value: unknown): value is Usage {
  if (!isJsonObject(value)) return false;
  return Object.keys(noUsage).every(
    (bucket) =>
      typeof value[bucket] === 'number' || (bucket === 'cacheReadTokens' && value[bucket] === 'unknown'),
  );
}
