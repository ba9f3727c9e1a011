import { describe, expect, it } from 'vitest';
import { noUsage, type StoredEvent, type UnnumberedEvent } from '../core/index.ts';
import { addToProgress, emptyProgress, progressOf } from './progress.ts';

function numbered(events: readonly UnnumberedEvent[]): readonly StoredEvent[] {
  return events.map((event, index) => ({ ...event, seq: index + 1, atMs: index }) as StoredEvent);
}

const called = (agent: string, costMicroUsd: number | 'unknown'): UnnumberedEvent => ({
  type: 'model-called',
  agent,
  key: `${agent}/turn-1`,
  model: 'test/model',
  usage: noUsage,
  costMicroUsd,
  replayed: false,
  contextTokens: 1,
});

const life = numbered([
  { type: 'job-moved', state: 'running', epoch: 1, why: 'begun' },
  { type: 'job-started', team: 'pair', digest: 'd', agents: ['writer', 'editor', 'reviewer'] },
  { type: 'agent-skipped', agent: 'reviewer', reason: 'not asked for' },
  { type: 'agent-started', agent: 'writer', key: 'writer' },
  called('writer', 5),
  { type: 'tool-called', agent: 'writer', key: 'k', tool: 'write_file', failed: null, replayed: false },
  { type: 'agent-ended', agent: 'writer', key: 'writer', outcome: 'done', code: null, said: 'Done.' },
  { type: 'agent-started', agent: 'editor', key: 'editor' },
  called('editor', 7),
]);

describe('the progress of a job', () => {
  it('names agents in the order they appeared, and sums up what they did', () => {
    expect(progressOf(life)).toEqual({
      agents: [
        { name: 'writer', state: 'done' },
        { name: 'editor', state: 'working' },
        { name: 'reviewer', state: 'skipped' },
      ],
      calls: 2,
      toolCalls: 1,
      costMicroUsd: 12,
      eventSeq: 9,
      isEnded: false,
    });
  });

  it('is the same whether events come one by one or all at once, and never counts one twice', () => {
    const one = life.reduce(addToProgress, emptyProgress);
    expect(one).toEqual(progressOf(life));
    expect(progressOf(life, one)).toBe(one);
  });

  it('is of unknown cost as soon as one call is', () => {
    expect(progressOf(numbered([called('a', 'unknown'), called('a', 3)])).costMicroUsd).toBe('unknown');
  });

  it('shows nobody at work on a job that has ended', () => {
    const moved = { type: 'job-moved', state: 'cancelled', epoch: 2, why: 'cancelled by a person' } as const;
    const ended: StoredEvent = { ...moved, seq: 10, atMs: 10 };
    expect(addToProgress(progressOf(life), ended).agents[1]).toEqual({ name: 'editor', state: 'waiting' });
  });

  it('shows who had failed as waiting once the job is retried, and not when it is only handed over', () => {
    const failed = { type: 'agent-ended', agent: 'editor', key: 'editor', outcome: 'failed' } as const;
    const before = [...life, { ...failed, code: 'timeout', said: '' } as const];
    const move = (state: 'queued' | 'failed') =>
      ({ type: 'job-moved', state, epoch: 1, why: 'test' }) as const;
    const editorAfter = (moves: readonly UnnumberedEvent[]) =>
      progressOf(numbered([...before, ...moves])).agents[1]?.state;
    expect(editorAfter([move('queued')])).toBe('failed');
    expect(editorAfter([move('failed')])).toBe('failed');
    expect(editorAfter([move('failed'), move('queued')])).toBe('waiting');
  });
});
