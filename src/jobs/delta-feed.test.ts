import { expect, it } from 'vitest';
import type { JobDelta } from '../core/index.ts';
import { createDeltaFeed } from './delta-feed.ts';

const word = (text: string): JobDelta => ({ type: 'text', agent: 'a', key: 'k', text });

it('a listener who does not keep up loses the oldest words, and nobody else does', async () => {
  const feed = createDeltaFeed();
  const slow = feed.listen()[Symbol.asyncIterator]();
  const first = slow.next();
  for (let told = 0; told < 10_002; told += 1) feed.tell(word(`${told}`));
  feed.close();
  const heard = [(await first).value];
  for (let next = await slow.next(); next.done !== true; next = await slow.next()) heard.push(next.value);
  expect(heard).toHaveLength(10_000);
  expect(heard[0]).toEqual(word('2'));
});

it('a listener who goes away is not told any more, and holds nothing up', async () => {
  const feed = createDeltaFeed();
  const listening = feed.listen()[Symbol.asyncIterator]();
  const first = listening.next();
  feed.tell(word('a'));
  expect((await first).value).toEqual(word('a'));
  await listening.return?.();
  feed.tell(word('b'));
  expect(await listening.next()).toEqual({ done: true, value: undefined });
  feed.close();
});
