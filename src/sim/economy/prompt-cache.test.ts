import { describe, expect, it } from 'vitest';
import type { Asked, PromptPart } from '../server/wire.ts';
import { asked, part, simModel } from '../testing.ts';
import { createPromptCache, type InputUsage } from './prompt-cache.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** What a request read, wrote for minutes, wrote for hours, and paid in full. */
type Bill = readonly [read: number, short: number, long: number, plain: number];

/** A cache that keeps prefixes from 1,000 tokens on, and tells each request's bill. */
function openCache() {
  const cache = createPromptCache(() => 1_000);
  const bill = (request: Asked, atMs: number, begins = true): Bill => {
    const plan = cache.plan(request, atMs);
    plan.read();
    if (begins) plan.write();
    return billOf(plan.usage);
  };
  return { cache, bill };
}

function billOf(usage: InputUsage): Bill {
  const { cacheReadTokens, cacheWrite5mTokens, cacheWrite1hTokens, inputTokens } = usage;
  return [cacheReadTokens, cacheWrite5mTokens, cacheWrite1hTokens, inputTokens];
}

const tools = part('tools', 2_000, { level: 'tools' });
const system = part('system', 3_000, { level: 'system' });
const question = part('question', 500);
const marked = (part: PromptPart, mark: 'short' | 'long' = 'short') => ({ ...part, mark });
const blocks = (count: number, name = 'block') =>
  Array.from({ length: count }, (_, at) => part(`${name} ${at}`, 100));

describe("Anthropic's prompt cache", () => {
  it('writes what is before a breakpoint once, and reads it from then on', () => {
    const { bill } = openCache();
    const request = asked([tools, marked(system), question]);
    expect(bill(request, 0)).toEqual([0, 5_000, 0, 500]);
    expect(bill(request, 1)).toEqual([5_000, 0, 0, 500]);
    expect(bill(asked([tools, marked(system), part('another', 700)]), 2)).toEqual([5_000, 0, 0, 700]);
  });

  it('caches nothing without a breakpoint', () => {
    const { bill } = openCache();
    for (const atMs of [0, 1]) expect(bill(asked([tools, system, question]), atMs)).toEqual([0, 0, 0, 5_500]);
  });

  it('writes at breakpoints only: what lies before one is no entry', () => {
    const { bill } = openCache();
    bill(asked([tools, marked(system)]), 0);
    expect(bill(asked([marked(tools), part('other', 100, { level: 'system' })]), 1)).toEqual([
      0, 2_000, 0, 100,
    ]);
  });

  it('says what could have been read, had breakpoints stood in all the right places', () => {
    const { cache } = openCache();
    const request = asked([tools, system, question]);
    const first = cache.plan(request, 0);
    first.write();
    const other = asked([tools, system, part('another', 700)]);
    const [again, changed, late] = [request, other, other].map((each, at) =>
      cache.plan(each, at === 2 ? 2 * hourMs : 1),
    );
    expect([first, again, changed, late].map((plan) => plan?.readableTokens)).toEqual([0, 5_500, 5_000, 0]);
  });

  it('keeps no prefix below the minimum of the model', () => {
    const { bill } = openCache();
    const short = asked([marked(part('a', 999)), question]);
    for (const atMs of [0, 1]) expect(bill(short, atMs)).toEqual([0, 0, 0, 1_499]);
    expect(bill(asked([marked(part('b', 1_000)), question]), 2)).toEqual([0, 1_000, 0, 500]);
  });

  it.each([
    ['19 blocks later it is found', 19, [2_000, 1_900, 0, 0]],
    ['20 blocks later it is not', 20, [0, 4_000, 0, 0]],
  ] as const)('looks back 20 positions, the breakpoint included: %s', (_, added, expected) => {
    const { bill } = openCache();
    bill(asked([marked(tools)]), 0);
    expect(bill(asked([tools, ...blocks(added - 1), marked(part('last', 100))]), 1)).toEqual(expected);
  });

  it('resumes the look-up at the next breakpoint before it', () => {
    const { bill } = openCache();
    bill(asked([marked(tools)]), 0);
    const between = marked(part('between', 100));
    expect(bill(asked([tools, between, ...blocks(30), marked(part('last', 100))]), 1)).toEqual([
      2_000, 3_200, 0, 0,
    ]);
  });

  it('counts a run of tool calls, and a run of results, as one position', () => {
    const { bill } = openCache();
    bill(asked([marked(tools)]), 0);
    const calls = blocks(30, 'call').map((part) => ({ ...part, run: 'calls' }));
    const results = blocks(30, 'result').map((part) => ({ ...part, run: 'results' }));
    const request = asked([tools, ...calls, ...results, marked(question)]);
    expect(bill(request, 1)).toEqual([2_000, 6_500, 0, 0]);
  });

  it('moves the automatic breakpoint with the conversation, past what cannot be cached', () => {
    const { bill } = openCache();
    const grown = (...parts: PromptPart[]) =>
      asked([tools, ...parts], { caching: { ...asked([]).caching, automatic: 'short' } });
    const thinking = part('thinking', 50, { cacheable: false });
    expect(bill(grown(question), 0)).toEqual([0, 2_500, 0, 0]);
    expect(bill(grown(question, part('answer', 300)), 1)).toEqual([2_500, 300, 0, 0]);
    expect(bill(grown(question, part('answer', 300), thinking), 2)).toEqual([2_800, 0, 0, 50]);
  });

  it.each([
    ['a long entry before a short one', [marked(tools, 'long'), marked(system)], [0, 3_000, 2_000, 500]],
    ['only long ones', [marked(tools, 'long'), marked(system, 'long')], [0, 0, 5_000, 500]],
    ['only short ones', [marked(tools), marked(system)], [0, 5_000, 0, 500]],
  ] as const)('bills %s by where each ends', (_, prefix, expected) => {
    const { bill } = openCache();
    expect(bill(asked([...prefix, question]), 0)).toEqual(expected);
    expect(bill(asked([...prefix, question]), 1)).toEqual([5_000, 0, 0, 500]);
  });

  it('bills long and short writes behind a hit from the hit on', () => {
    const { bill } = openCache();
    bill(asked([marked(tools, 'long')]), 0);
    const request = asked([
      marked(tools, 'long'),
      marked(system, 'long'),
      marked(question),
      part('rest', 70),
    ]);
    expect(bill(request, 1)).toEqual([2_000, 500, 3_000, 70]);
  });

  it('lets nobody read an entry before the answer that writes it has begun', () => {
    const { cache, bill } = openCache();
    const request = asked([marked(tools)]);
    const first = cache.plan(request, 0);
    expect(bill(request, 1, false)).toEqual([0, 2_000, 0, 0]);
    first.write();
    expect(bill(request, 2)).toEqual([2_000, 0, 0, 0]);
  });

  it.each([
    ['short', 5 * minuteMs],
    ['long', hourMs],
  ] as const)('keeps a %s entry for its life, counted from the start of the request', (life, lifeMs) => {
    const { cache, bill } = openCache();
    const request = asked([marked(tools, life)]);
    const read: Bill = [2_000, 0, 0, 0];
    cache.plan(request, 0).write();
    expect(bill(request, lifeMs - 1, false)).toEqual(read);
    // That was a use, so the life begins anew.
    expect(bill(request, 2 * lifeMs - 2, false)).toEqual(read);
    expect(bill(request, 3 * lifeMs - 2, false)).not.toEqual(read);
  });

  it('keeps what lies on the way to an entry alive with it', () => {
    const { bill } = openCache();
    const request = asked([marked(tools), marked(system)]);
    bill(request, 0);
    bill(request, 4 * minuteMs);
    expect(bill(asked([marked(tools), part('other', 100)]), 8 * minuteMs)).toEqual([2_000, 0, 0, 100]);
  });

  it('keeps no entry alive by requests that only look up others', () => {
    const { bill } = openCache();
    bill(asked([marked(tools), marked(system)]), 0);
    bill(asked([marked(tools), marked(part('other', 100))]), 4 * minuteMs);
    expect(bill(asked([marked(tools), marked(system)]), 6 * minuteMs)).toEqual([2_000, 3_000, 0, 0]);
  });

  it.each([
    ['tools', [0, 5_500, 0, 0]],
    ['system', [2_000, 3_500, 0, 0]],
    ['messages', [5_000, 500, 0, 0]],
  ] as const)('loses a level and all that follow when the salt of %s changes', (level, expected) => {
    const { bill } = openCache();
    const prompt = [marked(tools), marked(system), marked(question)];
    const request = asked(prompt);
    bill(request, 0);
    const salts = { ...request.caching.salts, [level]: 'changed' };
    expect(bill(asked(prompt, { caching: { ...request.caching, salts } }), 1)).toEqual(expected);
  });

  it.each([
    [
      'a tool',
      [marked(part('new', 2_000, { level: 'tools' })), marked(system), marked(question)],
      [0, 5_500, 0, 0],
    ],
    [
      'the system text',
      [marked(tools), marked(part('new', 3_000, { level: 'system' })), marked(question)],
      [2_000, 3_500, 0, 0],
    ],
    ['a message', [marked(tools), marked(system), marked(part('new', 500))], [5_000, 500, 0, 0]],
  ] as const)('loses what follows when %s changes', (_, prompt, expected) => {
    const { bill } = openCache();
    bill(asked([marked(tools), marked(system), marked(question)]), 0);
    expect(bill(asked(prompt), 1)).toEqual(expected);
  });

  it.each([
    ['another key', { key: 'key-b' }],
    ['another model', { model: simModel('anthropic/claude-opus-5') }],
    ['another workspace', { caching: { ...asked([]).caching, partition: 'b' } }],
  ])('shares nothing with %s', (_, other) => {
    const { bill } = openCache();
    bill(asked([marked(tools)]), 0);
    expect(bill(asked([marked(tools)], other), 1)).toEqual([0, 2_000, 0, 0]);
  });

  it('does not mind where marks were before', () => {
    const { bill } = openCache();
    bill(asked([tools, marked(system), question]), 0);
    expect(bill(asked([tools, system, marked(question)]), 1)).toEqual([5_000, 500, 0, 0]);
  });
});

describe("OpenAI's prompt cache", () => {
  const implicit = (id: string, ...prompt: PromptPart[]) =>
    asked(prompt, { model: simModel(id), caching: { ...asked([]).caching, automatic: 'short' } });
  const explicit = (...prompt: PromptPart[]) => asked(prompt, { model: simModel('openai/gpt-6.1-terra') });
  const ends = (part: PromptPart) => ({ ...part, endsMessage: true });

  it('writes at the end of the latest message, and reads the ends before it', () => {
    const { bill } = openCache();
    const gpt = (...prompt: PromptPart[]) => implicit('openai/gpt-6.1-terra', ...prompt);
    expect(bill(gpt(system, ends(question)), 0)).toEqual([0, 3_500, 0, 0]);
    const longer = gpt(system, ends(question), part('answer', 40), ends(part('and?', 60)));
    expect(bill(longer, 1)).toEqual([3_500, 100, 0, 0]);
  });

  it('looks up the latest message end and 20 before it', () => {
    for (const [added, read] of [
      [20, 3_500],
      [21, 0],
    ] as const) {
      const { bill } = openCache();
      bill(implicit('openai/gpt-6-sol', system, ends(question)), 0);
      const later = blocks(added).map(ends);
      expect(bill(implicit('openai/gpt-6-sol', system, ends(question), ...later), 1)[0]).toBe(read);
    }
  });

  it('shares the opening with other conversations where it is marked', () => {
    const { bill } = openCache();
    const gpt = (last: string) => implicit('openai/gpt-5.6-sol', marked(system), ends(part(last, 500)));
    expect(bill(gpt('one'), 0)).toEqual([0, 3_500, 0, 0]);
    expect(bill(gpt('two'), 1)).toEqual([3_000, 500, 0, 0]);
  });

  it('writes at the latest four marks in explicit mode, and at none where there is none', () => {
    const { bill } = openCache();
    expect(bill(explicit(system, ends(question)), 0)).toEqual([0, 0, 0, 3_500]);
    const marks = Array.from({ length: 5 }, (_, at) => marked(part(`mark ${at}`, 1_000)));
    expect(bill(explicit(...marks), 1)).toEqual([0, 5_000, 0, 0]);
    expect(bill(explicit(...marks.slice(0, 1)), 2)).toEqual([0, 1_000, 0, 0]);
    expect(bill(explicit(...marks.slice(0, 2)), 3)).toEqual([2_000, 0, 0, 0]);
  });

  it.each([
    ['short', 30 * minuteMs],
    ['long', 12 * hourMs],
  ] as const)('keeps a %s entry for half an hour or half a day', (life, lifeMs) => {
    const { cache, bill } = openCache();
    cache.plan(explicit(marked(system, life)), 0).write();
    expect(bill(explicit(marked(system, life)), lifeMs, false)[0]).toBe(0);
    expect(bill(explicit(marked(system, life)), lifeMs - 1, false)[0]).toBe(3_000);
  });

  it('costs nothing to write before GPT-5.6, and is read in steps of 128 tokens', () => {
    const { bill } = openCache();
    const older = (last: string) =>
      implicit('openai/gpt-5.4', part('system', 3_001, { level: 'system' }), part(last, 500));
    expect(bill(older('one'), 0)).toEqual([0, 0, 0, 3_501]);
    expect(bill(older('two'), 1)).toEqual([2_944, 0, 0, 557]);
    expect(bill(older('one'), 2)).toEqual([3_456, 0, 0, 45]);
  });
});

describe('Ollama', () => {
  it('reports no cache at all', () => {
    const { bill } = openCache();
    const request = asked([marked(tools)], { model: simModel('ollama/qwen3:8b') });
    for (const atMs of [0, 1]) expect(bill(request, atMs)).toEqual([0, 0, 0, 2_000]);
  });
});
