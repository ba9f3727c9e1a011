import { describe, expect, it } from 'vitest';
import type { JobEvent, NumberedEvent } from '../core/index.ts';
import { accountOf, createEventLog } from './index.ts';

const clock = { now: () => 7 };

function called(agent: string, inputTokens: number, costMicroUsd: number | 'unknown' = 1): JobEvent {
  const usage = {
    inputTokens,
    cacheReadTokens: 0,
    cacheWrite5mTokens: 0,
    cacheWrite1hTokens: 0,
    outputTokens: 2,
    reasoningTokens: 1,
  };
  const model = 'scripted/a';
  return {
    type: 'model-called',
    agent,
    key: agent,
    model,
    usage,
    costMicroUsd,
    replayed: false,
    contextTokens: inputTokens,
  };
}

async function listen(events: AsyncIterable<NumberedEvent>): Promise<number[]> {
  const heard: number[] = [];
  for await (const event of events) heard.push(event.seq);
  return heard;
}

describe('an event log', () => {
  it('tells everyone everything in order, also those who come late', async () => {
    const log = createEventLog(clock);
    const early = listen(log.follow());
    log.emit({ type: 'warning', message: 'a' });
    await Promise.resolve();
    log.emit({ type: 'warning', message: 'b' });
    log.emit({ type: 'warning', message: 'c' });
    const middle = listen(log.follow());
    log.close();
    expect(await Promise.all([early, middle, listen(log.follow())])).toEqual([
      [1, 2, 3],
      [1, 2, 3],
      [1, 2, 3],
    ]);
  });

  it('hears nothing after its end', () => {
    const log = createEventLog(clock);
    log.close();
    expect(() => log.emit({ type: 'warning', message: 'late' })).toThrow('after a job has ended');
  });

  it('gives events that nobody can change', () => {
    const log = createEventLog(clock);
    log.emit({ type: 'warning', message: 'a' });
    expect(Object.isFrozen(log.all()[0])).toBe(true);
  });
});

describe('the ledger', () => {
  it('is the sum of its agents, no more and no less', () => {
    const log = createEventLog(clock);
    for (const event of [called('a', 10), called('b', 5), called('a', 20)]) log.emit(event);
    const { agents, total } = accountOf(log.all());
    expect(agents['a']).toMatchObject({ calls: 2, contextTokens: 20, costMicroUsd: 2 });
    expect(total).toMatchObject({ calls: 3, costMicroUsd: 3, usage: { inputTokens: 35, outputTokens: 6 } });
  });

  it('says that a cost is unknown where one price is', () => {
    const log = createEventLog(clock);
    for (const event of [called('a', 10), called('b', 5, 'unknown')]) log.emit(event);
    expect(accountOf(log.all()).total.costMicroUsd).toBe('unknown');
    expect(accountOf(log.all()).agents['a']?.costMicroUsd).toBe(1);
  });
});
