import { describe, expect, it } from 'vitest';
import { createPrefixMemory, createStaticPrefix, type VolatileFinding } from '../context/index.ts';
import {
  type CachePolicy,
  fail,
  type JobEvent,
  ok,
  type Run,
  type SystemBlock,
  type Tool,
} from '../core/index.ts';
import { callTool, say, scriptedModel } from '../models/testing.ts';
import { createMemoryJournalStore, openJournal } from '../store/index.ts';
import { createMemoryWorkspace } from '../workspace/index.ts';
import { type Assignment, runAgent } from './index.ts';

const look: Tool = {
  name: 'look',
  purpose: 'Looks.',
  inputSchema: { type: 'object' },
  effect: 'read',
  replay: 'safe',
  parse: ok,
  run: async () => ok({ text: 'Seen.' }),
};

function roleWith(text: string, volatile: readonly VolatileFinding[] = []): Assignment['role'] {
  const block = (id: string, words: string): SystemBlock => ({ id, stability: 'release', text: words });
  const system = [block('base', 'b'.repeat(1_000)), block('prompt:worker', text)];
  const { run: _, parse: __, replay: ___, ...definition } = look;
  const tools = [definition];
  return {
    name: 'worker',
    model: 'm',
    effort: null,
    thinkingTokensMax: null,
    system,
    tools,
    output: null,
    limits: { turnsMax: 9, toolCallsMax: 9, outputTokensMax: 9_000, wallMsMax: 60_000 },
    prefix: createStaticPrefix({ tools, system, sharedBlocks: 1, output: null }),
    volatile,
    compactAt: 0.8,
    resultsFolder: null,
  };
}

interface JobWish {
  readonly beginWith: CachePolicy['beginWith'];
  readonly tokensMin?: number;
}

/** Runs an agent as often as there are keys, in one job. A write costs 3 micro-USD a token, a read 1. */
async function job(role: Assignment['role'], { beginWith, tokensMin = 0 }: JobWish, keys = ['worker']) {
  const events: JobEvent[] = [];
  const model = scriptedModel(({ messages }) => (messages.length < 5 ? callTool('look', {}) : say('Done.')));
  const workspace = createMemoryWorkspace();
  const run: Run = {
    id: 'job',
    signal: new AbortController().signal,
    workspace,
    journal: await openJournal(createMemoryJournalStore()),
    clock: {
      now: () => 0,
      sleep: (_, signal) => new Promise((wake) => signal.addEventListener('abort', () => wake())),
    },
    countTokens: (text) => text.length,
    caching: { prefixTokensMin: () => tokensMin, lifeOf: () => 'short', tokenFactor: () => 1, beginWith },
    model: () => model,
    costOf: (_, usage) =>
      3 * usage.cacheWrite5mTokens + (usage.cacheReadTokens === 'unknown' ? 0 : usage.cacheReadTokens),
    emit: (event) => void events.push(event),
    tell: () => undefined,
    awaitSignal: async () => fail('parked', 'Nobody waits here.'),
  };
  const goal: Assignment['goal'] = { remindersMax: 0, check: async () => ({ type: 'met' }) };
  for (const key of keys) await runAgent({ role, tools: [look], task: 'Go.', goal, key, workspace }, run);
  return { events: events.filter(({ type }) => type.startsWith('prefix-')), requests: model.requests };
}

const tail = 'w'.repeat(500);

describe('a prompt with a clock in it', () => {
  it('is named by the second job, with the place, both values, and the money that it lost', async () => {
    const memory = createPrefixMemory({ now: () => 0 });
    const at = async (time: string) =>
      await job(roleWith(`It is ${time}.\n${tail}`), { beginWith: memory.of('team') });
    expect((await at('10:00:01')).events).toEqual([]);
    const [event, ...more] = (await at('10:00:02')).events;
    expect(more).toEqual([]);
    expect(event).toMatchObject({
      type: 'prefix-break',
      agent: 'worker',
      model: 'scripted/model',
      at: 'prompt:worker',
      byte: 'It is 10:00:0'.length,
      lostTokens: '1.\n'.length + tail.length,
      lostMicroUsd: 2 * ('1.\n'.length + tail.length),
    });
    expect(event).toHaveProperty('before', expect.stringContaining('10:00:01'));
    expect(event).toHaveProperty('after', expect.stringContaining('10:00:02'));
  });

  it('loses nothing where nothing could have been cached', async () => {
    const memory = createPrefixMemory({ now: () => 0 });
    const wish = { beginWith: memory.of('team'), tokensMin: 100_000 };
    await job(roleWith(`1 ${tail}`), wish);
    const { events } = await job(roleWith(`2 ${tail}`), { ...wish, beginWith: memory.of('team') });
    expect(events).toMatchObject([
      { type: 'prefix-short', tokensMin: 100_000 },
      { type: 'prefix-break', lostTokens: 0, lostMicroUsd: 0 },
    ]);
  });

  it('in a file is told once a job, after the first run, with what stands behind it', async () => {
    const text = `As of 2026-03-01.\n${tail}`;
    const place = { file: 'agents/worker.md', line: 3 };
    const offset = text.indexOf('2026');
    const finding = { at: 'prompt:worker', kind: 'date', value: '2026-03-01', place, offset } as const;
    const { events } = await job(
      roleWith(text, [finding]),
      { beginWith: createPrefixMemory({ now: () => 0 }).of('team') },
      ['worker', 'worker-2'],
    );
    const lostTokens = text.length - offset;
    const { offset: _, ...told } = finding;
    expect(events).toEqual([
      { type: 'prefix-volatile', agent: 'worker', ...told, lostTokens, lostMicroUsd: 2 * lostTokens },
    ]);
  });
});

describe('a static part below the model’s minimum', () => {
  it('is told once a job, and carries no mark; the conversation does as soon as it is long enough', async () => {
    const { events, requests } = await job(
      roleWith(tail),
      { beginWith: createPrefixMemory({ now: () => 0 }).of('team'), tokensMin: 1_700 },
      ['worker', 'worker-2'],
    );
    expect(events).toMatchObject([{ type: 'prefix-short', agent: 'worker', tokensMin: 1_700 }]);
    for (const { system } of requests)
      expect(system.some(({ cacheMark }) => cacheMark !== undefined)).toBe(false);
    expect(requests[0]?.messages.some((message) => 'cacheMark' in message)).toBe(false);
  });
});

describe('the requests of a lane', () => {
  it('carry at most four marks, the static ones the same in all', async () => {
    const { requests, events } = await job(roleWith(tail), {
      beginWith: createPrefixMemory({ now: () => 0 }).of('team'),
    });
    expect(events).toEqual([]);
    expect(requests).toHaveLength(3);
    const marksOf = (list: readonly object[]) => list.map((each) => 'cacheMark' in each && each.cacheMark);
    for (const { system, messages } of requests) {
      expect(marksOf(system)).toEqual(['short', 'short']);
      expect(marksOf(messages).filter((mark) => mark !== false).length).toBeLessThanOrEqual(2);
    }
    expect(marksOf(requests.at(-1)?.messages ?? [])).toEqual([false, false, 'short', false, 'short']);
  });
});
