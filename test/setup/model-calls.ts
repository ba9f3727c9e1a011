import type { Message, ModelEnd, ModelEvent, ModelRequest } from '../../src/core/index.ts';

/** A request with what a test cares for. */
export function asking(more: Partial<ModelRequest> = {}): ModelRequest {
  return { lane: 'a', tools: [], system: [], messages: [user('Hi')], outputTokensMax: 64, ...more };
}

/** A user message. */
export const user = (said: string, marked = false): Message => ({
  role: 'user',
  blocks: [{ type: 'text', text: said }],
  ...(marked ? { cacheMark: 'short' } : {}),
});

/** Listens to a model until its end: what it said before, and how it ended. */
export async function endOf(
  events: AsyncIterable<ModelEvent>,
): Promise<{ events: ModelEvent[]; end: ModelEnd }> {
  const all: ModelEvent[] = [];
  for await (const event of events) all.push(event);
  const last = all.pop();
  if (last?.type !== 'end') throw new Error('no end');
  return { events: all, end: last.end };
}
