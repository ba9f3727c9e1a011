import { describe, expect, it } from 'vitest';
import { type Failure, failure, type JobOutput } from '../../core/index.ts';
import { accountOf } from '../../trace/index.ts';
import { type AttemptEnd, endingOf } from './ending.ts';
import type { Stop } from './held-job.ts';

const output: JobOutput = { result: {}, usage: accountOf([]), cuts: [], elapsedMs: 5 };
const terms = {
  tries: 0,
  triesMax: 3,
  absence: { times: 0, sinceMs: null },
  nowMs: 1_000,
  random: () => 0.5,
};

function attempt(more: Partial<AttemptEnd>): AttemptEnd {
  return {
    end: { outcome: 'done', failure: null, result: {} },
    stopped: null,
    waits: [],
    output,
    ...more,
  };
}

function failedOf(why: Failure, stopped: Stop | null = null): AttemptEnd {
  return attempt({ end: { outcome: 'failed', failure: why, result: {} }, stopped });
}

describe('how a worker lets go of a job', () => {
  it.each<Stop>(['cancelled', 'deadline', 'drained'])(
    'takes a finished job as finished, also when it was %s',
    (stopped) => {
      expect(endingOf(attempt({ stopped }), terms)).toMatchObject({ type: 'ended', state: 'succeeded' });
    },
  );

  it('says nothing of a job that it has lost, finished or not', () => {
    expect(endingOf(attempt({ stopped: 'lost' }), terms)).toBeNull();
  });

  it.each([
    ['cancelled', { type: 'ended', state: 'cancelled', failure: { code: 'cancelled' } }],
    ['deadline', { type: 'ended', state: 'expired', failure: { code: 'deadline-passed' } }],
    ['drained', { type: 'handed-over', notBeforeMs: null, failure: null }],
    ['storage-failed', { type: 'handed-over', failure: { code: 'storage-failed' } }],
  ] as const)('does what a stopped job was stopped for: %s', (stopped, ending) => {
    expect(endingOf(failedOf(failure('cancelled', 'x'), stopped), terms)).toMatchObject(ending);
  });

  it('waits longer before each try, with full jitter, and at least as long as the world asks', () => {
    const down = failedOf(failure('provider-down', 'x'));
    const at = (tries: number) => endingOf(down, { ...terms, tries, triesMax: 99 });
    expect(at(0)).toMatchObject({
      type: 'handed-over',
      notBeforeMs: 1_000 + 500,
      why: 'tried again: provider-down',
    });
    expect(at(2)).toMatchObject({ notBeforeMs: 1_000 + 2_000 });
    expect(at(20)).toMatchObject({ notBeforeMs: 1_000 + 150_000 });
    const limited = failedOf(failure('rate-limited', 'x', { retryAfterMs: 60_000 }));
    expect(endingOf(limited, terms)).toMatchObject({ notBeforeMs: 61_000 });
  });

  it.each([
    ['it was tried often enough', failure('provider-down', 'x'), 3],
    ['trying again is of no use', failure('provider-down', 'x', { retryable: false }), 0],
    ['a person must mend it', failure('team-changed', 'x'), 0],
    ['it is an answer', failure('refused', 'x'), 0],
    ['its money is spent', failure('budget-exhausted', 'x'), 0],
  ])('ends a failed job where %s', (_, why, tries) => {
    expect(endingOf(failedOf(why), { ...terms, tries })).toMatchObject({
      type: 'ended',
      state: 'failed',
      failure: why,
    });
  });

  it.each([
    ['team', 'team-missing', 'the worker does not have its team'],
    ['models', 'model-missing', 'the worker cannot reach its models'],
  ] as const)('hands over a job whose %s it does not have, for an hour', (_, code, why) => {
    const missing = failedOf(failure(code, 'x'));
    const endingAfter = (times: number, sinceMs: number | null) =>
      endingOf(missing, { ...terms, tries: 9, nowMs: 4_000_000, absence: { times, sinceMs } });
    expect(endingAfter(0, null)).toMatchObject({ type: 'handed-over', notBeforeMs: 4_000_250, why });
    expect(endingAfter(99, 400_001)).toMatchObject({ type: 'handed-over', notBeforeMs: 4_030_000, why });
    expect(endingAfter(99, 400_000)).toMatchObject({ type: 'ended', state: 'failed' });
  });

  it('parks a job only on something that can come', () => {
    const parked = { outcome: 'parked', failure: failure('parked', 'x'), result: {} } as const;
    const waits = [{ key: 'k', signal: 'go', untilMs: null, question: null }];
    expect(endingOf(attempt({ end: parked, waits }), terms)).toMatchObject({
      type: 'parked',
      waits,
      costMicroUsd: 0,
    });
    expect(endingOf(attempt({ end: parked }), { ...terms, tries: 3 })).toMatchObject({ state: 'failed' });
  });
});
