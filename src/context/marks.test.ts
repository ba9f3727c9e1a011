import { describe, expect, it } from 'vitest';
import type { CacheLife, CachePolicy, Message, ModelRequest, PrefixUse } from '../core/index.ts';
import {
  assembleRequest,
  type CacheMarks,
  createStaticPrefix,
  messageTokens,
  planMarks,
  rollingMarks,
  type StaticPrefix,
} from './index.ts';

const countTokens = (text: string): number => text.length;

function prefixOf(shared: number, own: number): StaticPrefix {
  const block = (id: string, size: number) => ({ id, stability: 'release' as const, text: 'x'.repeat(size) });
  const system = [block('base', shared), block('prompt:a', own)];
  return createStaticPrefix({ tools: [], system, sharedBlocks: 1, output: null });
}

function policy(lives: Partial<Record<PrefixUse['kind'], CacheLife | null>>, tokensMin = 100): CachePolicy {
  return {
    prefixTokensMin: () => tokensMin,
    lifeOf: ({ kind }) => lives[kind] ?? null,
    tokenFactor: () => 1,
    beginWith: () => ({ isFirst: true, before: null }),
  };
}

function plan(prefix: StaticPrefix, caching: CachePolicy, rolling: 'turns' | 'waiting' | 'once' = 'turns') {
  return planMarks(prefix, { model: 'm', caching, countTokens, rolling });
}

function lives({ system, rolling }: CacheMarks) {
  return [...system.map(({ cacheMark }) => cacheMark ?? null), rolling];
}

describe('the marks of a lane', () => {
  const all = { shared: 'short', waiting: 'long', turns: 'short', once: null } as const;

  it.each([
    [
      'stand at what agents share, at the agent’s own part and at the newest messages',
      100,
      100,
      ['short', 'short', 'short'],
    ],
    ['never stand on a shared part below the minimum', 99, 100, [null, 'short', 'short']],
    ['never stand on a static part below the minimum', 50, 49, [null, null, 'short']],
  ] as const)('%s', (...[, shared, own, expected]) => {
    expect(lives(plan(prefixOf(shared, own), policy(all)))).toEqual(expected);
  });

  it('count what is too short in the model’s tokens', () => {
    const caching = { ...policy(all), tokenFactor: () => 2 };
    expect(lives(plan(prefixOf(50, 50), caching))).toEqual(['short', 'short', 'short']);
  });

  it('never are long after short: a prefix lives as long as what extends it', () => {
    expect(lives(plan(prefixOf(100, 100), policy(all), 'waiting'))).toEqual(['long', 'long', 'long']);
    expect(lives(plan(prefixOf(100, 100), policy({ ...all, shared: 'long' })))).toEqual([
      'long',
      'long',
      'short',
    ]);
  });

  it('do not roll where nobody comes back', () => {
    expect(lives(plan(prefixOf(100, 100), policy(all), 'once'))).toEqual(['short', 'short', null]);
  });
});

/** A prompt cache by the published rule: written at marks, read back from each mark over at most 20 positions. */
function createCache(tokensMin: number) {
  const entries = new Set<string>();
  return (
    request: ModelRequest,
  ): { readonly read: number; readonly total: number; readonly marks: number } => {
    const positions = positionsOf(request);
    const marks = positions.flatMap(({ marked }, index) => (marked ? [index] : []));
    const hit = marks.toReversed().flatMap((mark) => {
      for (let at = mark; at >= 0 && at > mark - 20; at -= 1)
        if (entries.has(positions[at]?.prefix ?? '')) return [at];
      return [];
    })[0];
    for (const mark of marks) {
      expect(positions[mark]?.tokens).toBeGreaterThanOrEqual(tokensMin);
      entries.add(positions[mark]?.prefix ?? '');
    }
    const read = hit === undefined ? 0 : (positions[hit]?.tokens ?? 0);
    return { read, total: positions.at(-1)?.tokens ?? 0, marks: marks.length };
  };
}

interface Position {
  readonly prefix: string;
  readonly tokens: number;
  readonly marked: boolean;
}

/** A run of tool calls is one position, and so is a run of tool results. */
function positionsOf({ system, messages }: ModelRequest): readonly Position[] {
  const positions: Position[] = [];
  let [prefix, tokens, kindBefore] = ['', 0, ''];
  const add = (kind: string, text: string, { size, marked }: { size: number; marked: boolean }): void => {
    prefix += text;
    tokens += size;
    if (kind === kindBefore && kind.startsWith('tool-')) positions.pop();
    positions.push({ prefix, tokens, marked });
    kindBefore = kind;
  };
  for (const { text, cacheMark } of system)
    add('system', text, { size: text.length, marked: cacheMark !== undefined });
  for (const message of messages) {
    for (const [index, block] of message.blocks.entries()) {
      const isLast = index === message.blocks.length - 1;
      const marked = isLast && message.role === 'user' && message.cacheMark !== undefined;
      const size = messageTokens([{ ...message, blocks: [block] } as Message], countTokens);
      add(block.type, JSON.stringify(block), { size, marked });
    }
  }
  return positions;
}

/** A lane of `turns` turns, each with `calls` calls between texts. */
function requestsOf(
  turns: number,
  calls: number,
  { marks, prefix }: { readonly marks: CacheMarks; readonly prefix: StaticPrefix },
) {
  const requests: ModelRequest[] = [];
  const history: Message[] = [{ role: 'user', blocks: [{ type: 'text', text: 'The task.' }] }];
  let sent: { messages: number; contextTokens: number } | null = null;
  for (let turn = 1; turn <= turns; turn += 1) {
    const contextTokens = prefix.tokens(countTokens).total + messageTokens(history, countTokens);
    const now = { messages: history.length, contextTokens };
    requests.push(
      assembleRequest({
        lane: 'a',
        prefix,
        marks,
        history: [...history],
        markedAt: rollingMarks(sent, now, marks),
        outputTokensMax: 10,
        effort: null,
        thinkingTokensMax: null,
        output: null,
      }),
    );
    sent = now;
    const ids = Array.from({ length: calls }, (_, call) => `${turn}-${call}`);
    const asked = ids.flatMap((id) => [
      { type: 'text' as const, text: `Now ${id}.` },
      { type: 'tool-call' as const, id, name: 'look', input: {} },
    ]);
    const answers = ids.map((id) => ({
      type: 'tool-result' as const,
      id,
      text: `Saw ${id}.`,
      failed: false,
    }));
    history.push({ role: 'assistant', blocks: asked }, { role: 'user', blocks: answers });
  }
  return requests;
}

describe('a long lane', () => {
  it.each([
    ['one call a turn', 1],
    ['so many blocks a turn that the last mark is out of sight of the new one', 30],
  ])('reads in every turn all that was sent in the one before, with %s', (_, calls) => {
    const prefix = prefixOf(100, 100);
    const marks = plan(prefix, policy({ shared: 'short', turns: 'short' }));
    const ask = createCache(100);
    const asked = requestsOf(25, calls, { marks, prefix }).map(ask);
    for (const [index, { read, marks: used }] of asked.entries()) {
      expect(used).toBeLessThanOrEqual(4);
      expect(read).toBe(asked[index - 1]?.total ?? 0);
    }
  });

  it('below the minimum carries no mark until it has outgrown it', () => {
    const prefix = prefixOf(10, 10);
    const marks = plan(prefix, policy({ shared: 'short', turns: 'short' }, 200));
    const ask = createCache(200);
    const asked = requestsOf(12, 1, { marks, prefix }).map(ask);
    expect(asked[0]?.marks).toBe(0);
    expect(asked.at(-1)?.marks).toBe(2);
    expect(asked.at(-1)?.read).toBe(asked.at(-2)?.total);
  });
});
