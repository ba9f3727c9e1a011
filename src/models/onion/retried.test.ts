import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FailureCode, failure, type ModelEvent, noUsage } from '../../core/index.ts';
import { failWith, neverAnswer, type Script, say, scriptedModel } from '../testing.ts';
import { type RetriedOptions, retried } from './retried.ts';
import { createShownAnswer } from './shown-answer.ts';
import { leapClock, outcomeOf, readText } from './testing.ts';

const totalMsMax = 600_000;

function open(script: Script, more: Partial<RetriedOptions> = {}) {
  const clock = leapClock();
  const inner = scriptedModel(script);
  const model = retried(inner, { clock, random: () => 0.5, totalMsMax, ...more });
  return { clock, inner, ask: () => clock.finish(outcomeOf(model)) };
}

const waits = (events: readonly ModelEvent[]) =>
  events.flatMap((event) => (event.type === 'retried' ? [event.waitMs] : []));
const used = (inputTokens: number) => ({ ...noUsage, inputTokens });

describe('a model that is tried again', () => {
  it.each<FailureCode>(['rate-limited', 'provider-down', 'timeout'])('tries again after %s', async (code) => {
    const { ask, inner } = open([failWith(code), say('At last.')]);
    const { end, events } = await ask();
    expect(end).toMatchObject({ type: 'reply', reply: { blocks: [{ text: 'At last.' }] } });
    expect(events[0]).toEqual({ type: 'retried', model: inner.id, code, waitMs: 250 });
  });

  it.each<FailureCode>([
    'cancelled',
    'storage-failed',
    'refused',
    'request-rejected',
    'context-full',
    'budget-exhausted',
    'no-access',
    'wrong-config',
  ])('never tries again after %s', async (code) => {
    const { ask, inner } = open(() => failWith(code));
    expect((await ask()).end).toMatchObject({ failure: { code } });
    expect(inner.requests).toHaveLength(1);
  });

  it('never tries again what the provider calls hopeless', async () => {
    const { ask, inner } = open(() => failWith(failure('rate-limited', 'Spent.', { retryable: false })));
    expect((await ask()).end).toMatchObject({ failure: { message: 'Spent.' } });
    expect(inner.requests).toHaveLength(1);
  });

  it('never tries a reply again, whatever it says', async () => {
    const { ask, inner } = open(() => say('No.', { stop: 'refused' }));
    expect((await ask()).end).toMatchObject({ type: 'reply', reply: { stop: 'refused' } });
    expect(inner.requests).toHaveLength(1);
  });

  it('waits longer each time, spread by chance, and gives up after a few attempts', async () => {
    const { ask, inner, clock } = open(() => failWith('provider-down'));
    const startMs = clock.now();
    const { end, events } = await ask();
    expect(waits(events)).toEqual([250, 500, 1_000, 2_000]);
    expect(clock.now() - startMs).toBe(3_750);
    expect(inner.requests).toHaveLength(5);
    expect(end).toMatchObject({ failure: { message: expect.stringContaining('It was tried 5 times.') } });
  });

  it('never waits less than the provider asks for', async () => {
    const slow = failWith(failure('rate-limited', 'Slow down.', { retryAfterMs: 7_000 }));
    const { ask } = open([slow, slow, say('Hi.')], { random: () => 0 });
    expect(waits((await ask()).events)).toEqual([7_000, 7_000]);
  });

  it('ends at once when the wait would outlast its time, so that another model can answer', async () => {
    const slow = failWith(failure('rate-limited', 'Slow down.', { retryAfterMs: 60_000 }));
    const { ask, clock, inner } = open(() => slow, { totalMsMax: 100_000, random: () => 0 });
    const startMs = clock.now();
    expect((await ask()).end).toMatchObject({ failure: { retryAfterMs: 60_000 } });
    expect([clock.now() - startMs, inner.requests.length]).toEqual([60_000, 2]);
  });

  it('ends a wait promptly as cancelled, and what was billed is not forgotten', async () => {
    const caller = new AbortController();
    const clock = leapClock();
    const inner = scriptedModel([failWith('provider-down', used(3))]);
    const asked = outcomeOf(retried(inner, { clock, random: () => 0.5, totalMsMax }), {
      signal: caller.signal,
    });
    await clock.settle();
    caller.abort();
    expect((await asked).end).toMatchObject({
      failure: { code: 'cancelled' },
      attempts: [{ usage: used(3) }],
    });
    expect(clock.sleeping()).toBe(0);
  });

  it('loses nothing that was billed, nor what may have been', async () => {
    const { ask, inner } = open([
      failWith('provider-down', { usage: used(1), estimate: used(2) }),
      failWith('timeout'),
      failWith('timeout', { estimate: used(4) }),
      say('Hi.', { usage: used(8) }),
    ]);
    const { end } = await ask();
    const model = inner.id;
    expect(end.attempts).toEqual([
      { model, usage: used(1), estimate: used(2) },
      { model, usage: noUsage, estimate: used(4) },
    ]);
    expect(end).toMatchObject({ reply: { usage: used(8) } });
  });

  it('shows no text twice when the new answer begins as the old one did', async () => {
    const { ask } = open([failWith('provider-down', { after: 'Hello, ' }), say('Hello, world.')]);
    const { events } = await ask();
    expect(events.flatMap((event) => (event.type === 'text' ? [event.text] : []))).toEqual([
      'Hello, ',
      'world.',
    ]);
    expect(events.some(({ type }) => type === 'retracted')).toBe(false);
  });

  it('takes back what it has shown where the new answer differs, or ends earlier', async () => {
    const other = open([failWith('provider-down', { after: 'Hello, ' }), say('Help yourself.')]);
    const shorter = open([failWith('provider-down', { after: 'Hello, ' }), say('Hell')]);
    for (const [{ ask }, text] of [[other, 'Help yourself.'] as const, [shorter, 'Hell'] as const]) {
      const { events } = await ask();
      expect(events.filter(({ type }) => type === 'retracted')).toHaveLength(1);
      expect(readText(events)).toBe(text);
    }
  });

  it('can still be stopped in the middle of an answer', async () => {
    const caller = new AbortController();
    const { clock } = open([]);
    const inner = scriptedModel([neverAnswer({ after: 'Hel' })]);
    const asked = outcomeOf(retried(inner, { clock, random: () => 0.5, totalMsMax }), {
      signal: caller.signal,
    });
    await clock.settle();
    caller.abort();
    expect((await asked).end).toMatchObject({ failure: { code: 'cancelled' } });
  });

  it('passes on the question how long a request is', async () => {
    const { clock, inner } = open([]);
    const counting = { ...inner, countTokens: async () => ({ ok: true, value: 7 }) as const };
    const model = retried(counting, { clock, random: () => 0.5, totalMsMax });
    expect(await model.countTokens?.({} as never, new AbortController().signal)).toEqual({
      ok: true,
      value: 7,
    });
    expect(retried(inner, { clock, random: () => 0.5, totalMsMax }).countTokens).toBeUndefined();
  });
});

describe('a reader of an answer that began again', () => {
  it('has the last answer before them in the end, whatever was cut where', () => {
    const piece = fc.record({
      type: fc.constantFrom('text' as const, 'text' as const, 'reasoning' as const),
      text: fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 3 }),
    });
    fc.assert(
      fc.property(fc.array(fc.array(piece, { maxLength: 6 }), { minLength: 1, maxLength: 4 }), (answers) => {
        const shown = createShownAnswer();
        const events: ModelEvent[] = [];
        for (const [position, answer] of answers.entries()) {
          if (position > 0) shown.again();
          for (const each of answer) events.push(...shown.accept(each));
        }
        events.push(...shown.complete());
        const last = answers.at(-1) ?? [];
        expect(readText(events)).toBe(readText(last));
        const thought = (all: readonly ModelEvent[]) =>
          all
            .slice(all.findLastIndex(({ type }) => type === 'retracted') + 1)
            .flatMap((event) => (event.type === 'reasoning' ? [event.text] : []))
            .join('');
        expect(thought(events)).toBe(thought(last));
      }),
      { numRuns: 500 },
    );
  });

  it('sees nothing taken back that had not been shown', () => {
    const shown = createShownAnswer();
    shown.accept({ type: 'text', text: 'Hello' });
    shown.again();
    expect(shown.accept({ type: 'text', text: 'He' })).toEqual([]);
    expect(shown.accept({ type: 'retracted' })).toEqual([]);
    expect(shown.accept({ type: 'text', text: 'Hello, you' })).toEqual([{ type: 'text', text: ', you' }]);
    expect(shown.accept({ type: 'retracted' })).toEqual([{ type: 'retracted' }]);
    expect(shown.accept({ type: 'retracted' })).toEqual([]);
    expect(shown.accept({ type: 'begun' })).toEqual([{ type: 'begun' }]);
  });
});
