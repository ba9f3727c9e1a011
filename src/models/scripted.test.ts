import { describe, expect, it } from 'vitest';
import { failure, type Model, type ModelEvent, type ModelRequest, noUsage } from '../core/index.ts';
import {
  callTool,
  callTools,
  failWith,
  modelContract,
  neverAnswer,
  type ScriptEntry,
  say,
  scriptedModel,
  scriptedTeam,
} from './testing.ts';

function asking(lane: string): ModelRequest {
  return {
    lane,
    tools: [],
    system: [],
    messages: [{ role: 'user', blocks: [{ type: 'text', text: 'Hi' }] }],
    outputTokensMax: 10,
  };
}

async function endOf(model: Model, request = asking('a')) {
  const events: ModelEvent[] = [];
  for await (const event of model.stream(request, new AbortController().signal)) events.push(event);
  const last = events.at(-1);
  if (last?.type !== 'end') throw new Error('no end');
  return last.end;
}

describe('the scripted model', () => {
  for (const { promise, check } of modelContract) {
    it(promise, () =>
      check(async (situation) => {
        const entries: Record<typeof situation, ScriptEntry> = {
          says: say('Hello, world.'),
          calls: callTool('look', { path: 'a.md' }),
          fails: failWith('provider-down'),
          hangs: neverAnswer(),
        };
        return { model: scriptedModel(() => entries[situation]), close: async () => undefined };
      }),
    );
  }

  it('answers in order, with ids and stop reasons of its own making', async () => {
    const model = scriptedModel([
      callTool('look', { path: 'a.md' }),
      callTools(
        [
          { name: 'a', input: 1 },
          { name: 'b', input: '{"br', id: 'mine' },
        ],
        { text: 'Both.' },
      ),
      say('Cut', { stop: 'output-limit', usage: noUsage }),
      failWith(failure('rate-limited', 'Slow down.', { retryAfterMs: 5 }), noUsage),
    ]);
    expect(await endOf(model)).toMatchObject({
      reply: { stop: 'tool-calls', blocks: [{ id: 'call-1-1', name: 'look' }] },
    });
    expect(await endOf(model)).toMatchObject({
      reply: {
        blocks: [
          { type: 'text', text: 'Both.' },
          { id: 'call-2-1', input: 1 },
          { id: 'mine', input: '{"br' },
        ],
      },
    });
    expect(await endOf(model)).toMatchObject({ reply: { stop: 'output-limit', usage: noUsage } });
    expect(await endOf(model)).toMatchObject({
      failure: { code: 'rate-limited', retryAfterMs: 5 },
      usage: noUsage,
    });
    model.expectExhausted();
  });

  it('begins before it answers, and can fail or fall silent in the middle', async () => {
    const limits = { requests: { limit: 60, remaining: 1, resetMs: 5 } };
    const model = scriptedModel([
      say('Hi', { limits }),
      failWith('provider-down', { after: 'Hel', usage: noUsage, estimate: noUsage, limits }),
      failWith('rate-limited', { limits }),
      neverAnswer({ after: 'H' }),
    ]);
    const caller = new AbortController();
    const events: ModelEvent[] = [];
    for (let call = 1; call <= 4; call += 1) {
      for await (const event of model.stream(asking('a'), caller.signal)) {
        events.push(event);
        if (event.type === 'text' && event.text === 'H') caller.abort();
      }
    }
    expect(events.map(({ type }) => type)).toEqual([
      'begun',
      'text',
      'end',
      'begun',
      'text',
      'end',
      'end',
      'begun',
      'text',
      'end',
    ]);
    expect(events[0]).toEqual({ type: 'begun', limits });
    const cut = { type: 'failed', usage: noUsage, estimate: noUsage, limits };
    expect(events[5]).toMatchObject({ end: cut });
    expect(events[5]).not.toHaveProperty('end.after');
    expect(events[6]).toMatchObject({ end: { failure: { code: 'rate-limited' }, limits } });
    expect(events[9]).toMatchObject({ end: { failure: { code: 'cancelled' } } });
  });

  it('remembers what it was asked, and what it remembers cannot be changed', async () => {
    const model = scriptedModel([say('done')]);
    const request = asking('a');
    await endOf(model, request);
    expect(model.requests).toEqual([request]);
    expect(model.requests[0]).not.toBe(request);
    const remembered = model.requests[0]?.messages as unknown[];
    expect(() => remembered.push('x')).toThrow(TypeError);
  });

  it('says so when replies are left over', async () => {
    const model = scriptedModel([say('one'), say('two')]);
    await endOf(model);
    expect(() => model.expectExhausted()).toThrow('1 of 2 replies were never asked for');
  });

  it('says so when it is asked beyond its end, in the reply and in the check', async () => {
    const model = scriptedModel([]);
    expect(await endOf(model, asking('lead'))).toMatchObject({
      failure: { code: 'request-rejected', message: expect.stringContaining('lane "lead"') },
    });
    expect(() => model.expectExhausted()).toThrow('asked for more than the 0 replies');
  });

  it('can decide from the request and the number of the call', async () => {
    const model = scriptedModel((request, call) => say(`${request.lane} ${call}`));
    await endOf(model);
    expect(await endOf(model)).toMatchObject({ reply: { blocks: [{ text: 'a 2' }] } });
    model.expectExhausted();
  });

  it('gives every agent of a team its own script, chosen by the last part of the lane that names one', async () => {
    const team = scriptedTeam({ lead: [say('lead 1'), say('lead 2')], extractor: [say('extracted')] });
    expect(await endOf(team, asking('lead'))).toMatchObject({ reply: { blocks: [{ text: 'lead 1' }] } });
    expect(await endOf(team, asking('lead/turn-1/call-0/extractor'))).toMatchObject({
      reply: { blocks: [{ text: 'extracted' }] },
    });
    expect(() => team.expectExhausted()).toThrow('lead: 1 of 2');
    expect(await endOf(team, asking('lead'))).toMatchObject({ reply: { blocks: [{ text: 'lead 2' }] } });
    team.expectExhausted();
    expect(await endOf(team, asking('stranger'))).toMatchObject({ failure: { code: 'request-rejected' } });
    expect(() => team.expectExhausted()).toThrow('stranger');
  });
});
