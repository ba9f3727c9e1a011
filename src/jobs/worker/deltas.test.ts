import { describe, expect, it } from 'vitest';
import type { JobDelta } from '../../core/index.ts';
import { createMemoryHot } from '../../store/index.ts';
import type { LiveMessage } from '../live.ts';
import { createDeltaPost } from './deltas.ts';

const text = (agent: string, words: string): JobDelta => ({
  type: 'text',
  agent,
  key: `${agent}/turn-1`,
  text: words,
});

/** Until everything that was asked and told has been answered and heard. */
function heard(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}

/** A post on which somebody listens to job `heard`, and has been noticed. */
async function openPost() {
  const hot = createMemoryHot({ now: () => 0, sleep: async () => {} });
  const messages: LiveMessage[] = [];
  hot.subscribe('job:heard', (message) => void messages.push(JSON.parse(message) as LiveMessage));
  hot.subscribe('job:other', () => expect.unreachable());
  const post = createDeltaPost(hot);
  for (const job of ['heard', 'unheard']) post.attend(job);
  post.tell('heard', text('a', 'dropped: nobody knows yet who listens'));
  post.tick(1_000);
  await heard();
  return { post, messages };
}

describe('the words of models', () => {
  it('are strung together for each agent and told now and then', async () => {
    const { post, messages } = await openPost();
    post.tell('heard', text('a', 'one '));
    post.tell('heard', text('b', 'beside'));
    post.tell('heard', text('a', 'two'));
    post.tick(1_050);
    await heard();
    expect(messages).toEqual([]);
    post.tick(1_100);
    await heard();
    expect(messages).toEqual([{ type: 'deltas', deltas: [text('a', 'one two'), text('b', 'beside')] }]);
  });

  it('stand before what is told of their answer', async () => {
    const { post, messages } = await openPost();
    post.tell('heard', text('a', 'one'));
    post.publish('heard');
    post.tick(2_000);
    await heard();
    expect(messages).toEqual([{ type: 'deltas', deltas: [text('a', 'one')] }]);
  });

  it('begin anew after they were taken back', async () => {
    const { post, messages } = await openPost();
    const retracted: JobDelta = { type: 'retracted', agent: 'a', key: 'a/turn-1' };
    for (const delta of [text('a', 'wrong'), retracted, text('a', 'right')]) post.tell('heard', delta);
    post.publish('heard');
    await heard();
    expect(messages).toEqual([
      { type: 'deltas', deltas: [text('a', 'wrong'), retracted, text('a', 'right')] },
    ]);
  });

  it('are dropped where nobody listens', async () => {
    const { post, messages } = await openPost();
    post.tell('unheard', text('a', 'one'));
    post.publish('unheard');
    post.forget('heard');
    post.tick(3_000);
    await heard();
    expect(messages).toEqual([]);
  });
});
