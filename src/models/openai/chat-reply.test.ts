import { describe, expect, it } from 'vitest';
import { asking } from '../../../test/setup/model-calls.ts';
import { type CacheLife, noUsage, type Reply } from '../../core/index.ts';
import { type ChatChunk, createChatReply } from './chat-reply.ts';

function replyTo(
  chunks: readonly ChatChunk[],
  provider = 'openrouter',
  cacheMark: CacheLife = 'short',
): Reply {
  const system = [{ id: 's', stability: 'release' as const, text: 'x', cacheMark }];
  const answer = createChatReply(asking({ system }), provider);
  for (const chunk of chunks) answer.accept(chunk);
  return answer.reply({ model: 'm', usage: answer.usage() ?? noUsage, requestId: null });
}

const stop = (reason: string): ChatChunk => ({ choices: [{ finish_reason: reason }] });

describe('a reply put together from chunks', () => {
  it('tells a call that was cut before its arguments from one that has none', () => {
    const tool_calls = ['a', 'b'].map((id, index) => ({ index, id, function: { name: 'look' } }));
    const inputs = (reason: string) =>
      replyTo([{ choices: [{ delta: { tool_calls } }] }, stop(reason)]).blocks.flatMap((each) =>
        each.type === 'tool-call' ? [each.input] : [],
      );
    expect([inputs('length'), inputs('tool_calls')]).toEqual([
      [{}, ''],
      [{}, {}],
    ]);
  });

  it('counts what OpenRouter was told to keep for an hour as written for an hour', () => {
    const usage = {
      prompt_tokens: 100,
      completion_tokens: 1,
      prompt_tokens_details: { cache_write_tokens: 90 },
    };
    const written = (provider: string, cacheMark: CacheLife) => {
      const told = replyTo([{ usage }, stop('stop')], provider, cacheMark).usage;
      return [told.cacheWrite5mTokens, told.cacheWrite1hTokens];
    };
    expect(written('openrouter', 'long')).toEqual([0, 90]);
    expect(written('openrouter', 'short')).toEqual([90, 0]);
    // Its longer life is only to be had on the other wire.
    expect(written('openai-chat', 'long')).toEqual([90, 0]);
  });
});
