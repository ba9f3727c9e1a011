import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AdmissionWant, noUsage, type Permit, type Result } from '../../core/index.ts';
import { callTool, failWith, say, scriptedModel } from '../testing.ts';
import type { AccountLimits } from './account.ts';
import { createAdmission } from './admission.ts';
import { admitted } from './admitted.ts';
import { leapClock, outcomeOf, plainRequest } from './testing.ts';

const ever = new AbortController().signal;

function open(limits: AccountLimits = {}, random = () => 0.5) {
  const clock = leapClock();
  return { clock, admission: createAdmission({ clock, random, limitsOf: () => limits }) };
}

function want(more: Partial<AdmissionWant> = {}): AdmissionWant {
  return { account: 'a', job: 'j', inputTokens: 100, outputTokensMax: 100, waitMsMax: 60_000, ...more };
}

function permitOf(result: Result<Permit>): Permit {
  if (!result.ok) throw new Error(result.failure.message);
  return result.value;
}

const requests = (limit: number, remaining: number, resetMs = 0) => ({
  requests: { limit, remaining, resetMs },
});

describe('admission', () => {
  it('lets everybody out while nothing is known of the limits', async () => {
    const { admission } = open();
    const results = await Promise.all(Array.from({ length: 50 }, () => admission.enter(want(), ever)));
    expect(results.every(({ ok }) => ok)).toBe(true);
  });

  it('learns a bucket from the headers, and spaces requests out as it fills', async () => {
    const { clock, admission } = open();
    const first = permitOf(await admission.enter(want(), ever));
    first.learn(requests(60, 1));
    first.leave({});
    const out: number[] = [];
    const startMs = clock.now();
    const all = Promise.all(
      [1, 2, 3].map(async () => {
        permitOf(await admission.enter(want(), ever)).leave({});
        out.push(clock.now() - startMs);
      }),
    );
    await clock.finish(all);
    expect(out).toEqual([0, 1_000, 2_000]);
  });

  it('takes off what headers say is left the requests that are still on their way', async () => {
    const { clock, admission } = open();
    const [first, second] = [
      permitOf(await admission.enter(want(), ever)),
      permitOf(await admission.enter(want(), ever)),
    ];
    first.learn(requests(60, 1));
    const third = admission.enter(want(), ever);
    const startMs = clock.now();
    permitOf(await clock.finish(third));
    expect(clock.now() - startMs).toBe(1_000);
    second.learn(requests(60, 5));
    expect((await admission.enter(want(), ever)).ok).toBe(true);
  });

  it('counts input tokens by estimate, puts them right by what was used, and never counts what a cache gave', async () => {
    const { clock, admission } = open({ inputTokensPerMinute: 60_000 });
    const first = permitOf(await admission.enter(want({ inputTokens: 60_000 }), ever));
    const usage = {
      inputTokens: 1_000,
      cacheReadTokens: 58_000,
      cacheWrite5mTokens: 1_000,
      cacheWrite1hTokens: 0,
      outputTokens: 5,
      reasoningTokens: 0,
    };
    first.leave({ usage });
    const startMs = clock.now();
    permitOf(await clock.finish(admission.enter(want({ inputTokens: 59_000 }), ever)));
    expect(clock.now() - startMs).toBe(1_000);
  });

  it('believes the headers of a request more than what it used: nothing is counted twice', async () => {
    const { clock, admission } = open();
    const first = permitOf(await admission.enter(want({ inputTokens: 100 }), ever));
    first.learn({ inputTokens: { limit: 60_000, remaining: 1_000, resetMs: 0 } });
    first.leave({ usage: { ...noUsage, inputTokens: 50_000 } });
    const startMs = clock.now();
    permitOf(await clock.finish(admission.enter(want({ inputTokens: 1_000 }), ever)));
    expect(clock.now()).toBe(startMs);
  });

  it('counts output when it was made: a long answer is made up for before the next', async () => {
    const { clock, admission } = open({ outputTokensPerMinute: 6_000 });
    const usage = { inputTokens: 0, cacheReadTokens: 0, cacheWrite5mTokens: 0, cacheWrite1hTokens: 0 };
    permitOf(await admission.enter(want({ outputTokensMax: 100_000 }), ever)).leave({
      usage: { ...usage, outputTokens: 6_999, reasoningTokens: 1_000 },
    });
    const startMs = clock.now();
    permitOf(await clock.finish(admission.enter(want(), ever)));
    expect(clock.now() - startMs).toBe(20_000);
  });

  it('lets a request out that is larger than the bucket once the bucket is full', async () => {
    const { clock, admission } = open({ tokensPerMinute: 1_000 });
    permitOf(await admission.enter(want({ inputTokens: 500 }), ever)).leave({});
    const startMs = clock.now();
    permitOf(await clock.finish(admission.enter(want({ inputTokens: 5_000 }), ever)));
    expect(clock.now() - startMs).toBe(30_000);
  });

  it('keeps a limit that was set by hand, whatever the provider allows', async () => {
    const { clock, admission } = open({ requestsPerMinute: 60 });
    const permits = await Promise.all(Array.from({ length: 60 }, () => admission.enter(want(), ever)));
    permitOf(permits[0] as Result<Permit>).learn(requests(4_000, 3_999));
    const startMs = clock.now();
    permitOf(await clock.finish(admission.enter(want(), ever)));
    expect(clock.now() - startMs).toBe(1_000);
  });

  it('lets only so many out at once, and the next as soon as one is back', async () => {
    const { clock, admission } = open({ inFlightMax: 1 });
    const first = permitOf(await admission.enter(want(), ever));
    let isOut = false;
    const second = admission.enter(want(), ever).then((result) => {
      isOut = true;
      return result;
    });
    await clock.settle();
    expect(isOut).toBe(false);
    first.leave({});
    first.leave({});
    permitOf(await second);
    const third = admission.enter(want({ waitMsMax: 5 }), ever);
    expect(await clock.finish(third)).toMatchObject({ failure: { code: 'rate-limited' } });
  });

  it('keeps accounts apart', async () => {
    const { admission } = open({ inFlightMax: 1 });
    permitOf(await admission.enter(want({ account: 'a' }), ever));
    expect((await admission.enter(want({ account: 'b' }), ever)).ok).toBe(true);
  });

  it('ends a wait promptly when the signal fires, and gives the place to the next', async () => {
    const { clock, admission } = open({ inFlightMax: 1 });
    const first = permitOf(await admission.enter(want(), ever));
    const caller = new AbortController();
    const second = admission.enter(want(), caller.signal);
    const third = admission.enter(want(), ever);
    caller.abort();
    expect(await second).toMatchObject({ failure: { code: 'cancelled' } });
    expect(await admission.enter(want(), caller.signal)).toMatchObject({ failure: { code: 'cancelled' } });
    first.leave({});
    permitOf(await third).leave({});
    expect(clock.sleeping()).toBe(0);
  });
});

describe('a cool-down', () => {
  const refused = { failed: { code: 'rate-limited', retryAfterMs: 20_000 } } as const;

  it('is seen by all jobs of the account, and who waited goes out one by one after it', async () => {
    const { clock, admission } = open();
    permitOf(await admission.enter(want({ job: 'first' }), ever)).leave(refused);
    const startMs = clock.now();
    const out: number[] = [];
    const all = Array.from({ length: 20 }, async (_, position) => {
      permitOf(await admission.enter(want({ job: `job-${position}` }), ever)).leave({});
      out.push(clock.now() - startMs);
    });
    await clock.finish(Promise.all(all));
    expect(out[0]).toBeGreaterThanOrEqual(20_000);
    expect(new Set(out).size).toBe(20);
    expect(out.at(-1)).toBeLessThan(25_000);
  });

  it('also keeps apart those who come back by themselves when it is over', async () => {
    const { clock, admission } = open();
    permitOf(await admission.enter(want(), ever)).leave(refused);
    await clock.advance(21_000);
    const out: number[] = [];
    const all = Array.from({ length: 5 }, async () => {
      permitOf(await admission.enter(want(), ever)).leave({});
      out.push(clock.now());
    });
    await clock.finish(Promise.all(all));
    expect(new Set(out).size).toBe(5);
    await clock.advance(60_000);
    const later = clock.now();
    for (let each = 0; each < 5; each += 1) permitOf(await clock.finish(admission.enter(want(), ever)));
    expect(clock.now() - later).toBeLessThan(1_000);
    const last = clock.now();
    await Promise.all(Array.from({ length: 5 }, () => admission.enter(want(), ever)));
    expect(clock.now()).toBe(last);
  });

  it('ends at once, with the time that is left, for whoever cannot wait so long', async () => {
    const { clock, admission } = open({ inFlightMax: 2 });
    const [first, second] = [
      permitOf(await admission.enter(want(), ever)),
      permitOf(await admission.enter(want(), ever)),
    ];
    const waiting = admission.enter(want({ waitMsMax: 5_000 }), ever);
    first.leave(refused);
    const failed = { code: 'rate-limited', retryAfterMs: expect.any(Number) };
    expect(await waiting).toMatchObject({ failure: failed });
    second.leave({});
    const later = await admission.enter(want({ waitMsMax: 5_000 }), ever);
    expect(later).toMatchObject({ failure: failed });
    expect(!later.ok && later.failure.retryAfterMs).toBeGreaterThanOrEqual(20_000);
    expect((await clock.finish(admission.enter(want(), ever))).ok).toBe(true);
  });

  it('follows an overload that says how long, and a refusal that does not, but no other failure', async () => {
    const { clock, admission } = open({}, () => 0);
    const coolDownMs = async (failed: Parameters<Permit['leave']>[0]['failed']) => {
      permitOf(await admission.enter(want(), ever)).leave(failed === undefined ? {} : { failed });
      const startMs = clock.now();
      permitOf(await clock.finish(admission.enter(want(), ever))).leave({});
      return clock.now() - startMs;
    };
    expect(await coolDownMs({ code: 'provider-down' })).toBe(0);
    expect(await coolDownMs({ code: 'request-rejected' })).toBe(0);
    expect(await coolDownMs({ code: 'provider-down', retryAfterMs: 7_000 })).toBe(7_000);
    expect(await coolDownMs({ code: 'rate-limited' })).toBe(1_000);
  });
});

describe('a line before an account', () => {
  it('lets jobs take turns, and within a job who came first', async () => {
    const { clock, admission } = open({ inFlightMax: 1 });
    const first = permitOf(await admission.enter(want(), ever));
    const out: string[] = [];
    const enter = async (job: string, name: string) => {
      const permit = permitOf(await admission.enter(want({ job }), ever));
      out.push(name);
      permit.leave({});
    };
    const all = [
      ...['a1', 'a2', 'a3', 'a4'].map((name) => enter('a', name)),
      ...['b1', 'b2'].map((name) => enter('b', name)),
      enter('c', 'c1'),
    ];
    first.leave({});
    await clock.finish(Promise.all(all));
    expect(out).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3', 'a4']);
  });

  it('refuses at once what would take too long, but not the small job behind a large one', async () => {
    const { admission } = open({ requestsPerMinute: 60 });
    await Promise.all(Array.from({ length: 60 }, () => admission.enter(want({ job: 'large' }), ever)));
    for (let each = 0; each < 60; each += 1) void admission.enter(want({ job: 'large' }), ever);
    const refused = await admission.enter(want({ job: 'large' }), ever);
    expect(refused).toMatchObject({ failure: { code: 'rate-limited', retryAfterMs: 61_000 } });
    const caller = new AbortController();
    const small = admission.enter(want({ job: 'small' }), caller.signal);
    caller.abort();
    expect(await small).toMatchObject({ failure: { code: 'cancelled' } });
  });

  it('never has more out than it may, never lets more out than its buckets held, and nobody starves', async () => {
    const visit = fc.record({
      job: fc.constantFrom('a', 'b', 'c'),
      afterMs: fc.nat(30_000),
      outMs: fc.nat(5_000),
      inputTokens: fc.integer({ min: 1, max: 900 }),
      fails: fc.constantFrom(false, false, false, true),
    });
    const limitsIn = fc.record({
      inFlightMax: fc.integer({ min: 1, max: 6 }),
      requestsPerMinute: fc.integer({ min: 5, max: 60 }),
      inputTokensPerMinute: fc.integer({ min: 500, max: 5_000 }),
    });
    await fc.assert(
      fc.asyncProperty(limitsIn, fc.array(visit, { minLength: 1, maxLength: 25 }), async (limits, visits) => {
        const { clock, admission } = open(limits, () => 0.3);
        const startMs = clock.now();
        let [out, requestsOut, tokensOut] = [0, 0, 0];
        const all = visits.map(async ({ job, afterMs, outMs, inputTokens, fails }) => {
          await clock.sleep(afterMs, ever);
          const permit = permitOf(
            await admission.enter(want({ job, inputTokens, waitMsMax: Number.POSITIVE_INFINITY }), ever),
          );
          [out, requestsOut, tokensOut] = [out + 1, requestsOut + 1, tokensOut + inputTokens];
          expect(out).toBeLessThanOrEqual(limits.inFlightMax);
          const minutes = (clock.now() - startMs) / 60_000;
          expect(requestsOut).toBeLessThanOrEqual(limits.requestsPerMinute * (1 + minutes) + 1e-6);
          const overdraft = Math.max(0, 900 - limits.inputTokensPerMinute);
          expect(tokensOut).toBeLessThanOrEqual(
            limits.inputTokensPerMinute * (1 + minutes) + overdraft + 1e-6,
          );
          await clock.sleep(outMs, ever);
          out -= 1;
          permit.leave(fails ? { failed: { code: 'rate-limited', retryAfterMs: 3_000 } } : {});
        });
        await clock.finish(Promise.all(all));
        expect(requestsOut).toBe(visits.length);
      }),
      { numRuns: 100 },
    );
  });
});

describe('a model behind admission', () => {
  it('holds no permit while its agent waits for others: 200 nested agents pass a door for five', async () => {
    const clock = leapClock();
    const limits = { inFlightMax: 5, requestsPerMinute: 60_000 };
    const admission = createAdmission({ clock, random: () => 0.5, limitsOf: () => limits });
    let [out, outMost] = [0, 0];
    // Every agent but the innermost first asks for a child, waits for it, and asks again.
    const inner = scriptedModel((request) =>
      request.lane.endsWith('again') ? say('Done.') : callTool('child', {}),
    );
    const slow = {
      ...inner,
      async *stream(...asked: Parameters<typeof inner.stream>) {
        out += 1;
        outMost = Math.max(outMost, out);
        await clock.sleep(10, ever);
        out -= 1;
        yield* inner.stream(...asked);
      },
    };
    const model = admitted(slow, {
      admission,
      account: 'a',
      job: 'j',
      tokensOf: () => 10,
      waitMsMax: Number.POSITIVE_INFINITY,
    });
    async function agent(depth: number): Promise<number> {
      await outcomeOf(model, { request: { ...plainRequest, lane: `${depth}` } });
      const below = depth === 1 ? [] : [depth - 1];
      const children = await Promise.all(below.map(agent));
      await outcomeOf(model, { request: { ...plainRequest, lane: `${depth} again` } });
      return 1 + children.reduce((sum, each) => sum + each, 0);
    }
    // Ten families of twenty generations, all at once.
    const families = Array.from({ length: 10 }, () => agent(20));
    expect(await clock.finish(Promise.all(families))).toEqual(Array.from({ length: 10 }, () => 20));
    expect(inner.requests).toHaveLength(400);
    expect(outMost).toBe(5);
  });

  it('learns from headers as an answer begins and from refusals, and gives the permit back whatever happens', async () => {
    const clock = leapClock();
    const admission = createAdmission({ clock, random: () => 0, limitsOf: () => ({ inFlightMax: 1 }) });
    const options = { admission, account: 'a', job: 'j', tokensOf: () => 10, waitMsMax: 60_000 };
    const inner = scriptedModel(() => say('Hi.', { limits: requests(60, 0) }));
    const model = admitted(inner, options);
    const startMs = clock.now();
    await outcomeOf(model);
    await clock.finish(outcomeOf(model));
    expect(clock.now() - startMs).toBe(1_000);
    const refusing = scriptedModel(() => failWith('request-rejected', { limits: requests(60, 0) }));
    const other = admitted(refusing, { ...options, account: 'b' });
    const refusedMs = clock.now();
    await clock.finish(outcomeOf(other));
    await clock.finish(outcomeOf(other));
    expect(clock.now() - refusedMs).toBe(1_000);
    async function leaveEarly(): Promise<void> {
      for await (const event of model.stream(plainRequest, ever)) if (event.type === 'text') break;
    }
    await clock.finish(leaveEarly());
    expect((await clock.finish(outcomeOf(model))).end.type).toBe('reply');
  });
});
