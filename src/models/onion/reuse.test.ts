import { describe, expect, it } from 'vitest';
import type { PrefixUse } from '../../core/index.ts';
import { createCachePolicy } from './cache-policy.ts';
import { createReuse, prefixKey } from './reuse.ts';

const claude = 'anthropic/claude-sonnet-5';
const minuteMs = 60_000;

function open(model = claude) {
  let nowMs = 0;
  const reuse = createReuse(() => nowMs);
  return {
    reuse,
    use(afterMinutes: number, conversation = 'c') {
      nowMs += afterMinutes * minuteMs;
      const [shared, whole] = [prefixKey(model, 'shared'), prefixKey(model, 'whole')];
      reuse.note({ model, whole, marked: [shared, whole], conversation });
    },
    lifeOf: (kind: PrefixUse['kind'], prefix = 'whole') => reuse.lifeOf({ model, prefix, kind }),
  };
}

describe('the life of a prefix', () => {
  it('is a sensible guess while nothing is known', () => {
    const { lifeOf } = open();
    expect(lifeOf('shared')).toBe('short');
    expect(lifeOf('waiting')).toBe('long');
    expect(lifeOf('turns')).toBe('short');
    expect(lifeOf('once')).toBeNull();
  });

  it('is short for what is shared until it is seen to be used again after 5 to 60 minutes', () => {
    const { use, lifeOf } = open();
    for (const gap of [0, 0.1, 1, 3]) use(gap, `job-${gap}`);
    expect(lifeOf('shared', 'shared')).toBe('short');
    use(20, 'later');
    expect(lifeOf('shared', 'shared')).toBe('long');
    expect(lifeOf('shared', 'never seen')).toBe('short');
  });

  it('is short for what is used again only after hours, as no life is long enough for that', () => {
    const { use, lifeOf } = open();
    for (const gap of [0, 180, 240, 20, 300]) use(gap, `job-${gap}`);
    expect(lifeOf('shared', 'shared')).toBe('short');
  });

  it('counts the first writing too: one lucky pause after a lost prefix does not pay for the long life', () => {
    const { use, lifeOf } = open();
    for (const gap of [0, 180, 20]) use(gap, `job-${gap}`);
    expect(lifeOf('shared', 'shared')).toBe('short');
    use(20, 'again');
    expect(lifeOf('shared', 'shared')).toBe('long');
  });

  it('is not mistaken by many uses in a row: what counts is the pause before them', () => {
    const { use, lifeOf } = open();
    for (let burst = 0; burst < 5; burst += 1) {
      use(40);
      for (let each = 0; each < 100; each += 1) use(0.01);
    }
    expect(lifeOf('shared', 'shared')).toBe('long');
  });

  it('follows a new habit', () => {
    const { use, lifeOf } = open();
    for (let each = 0; each < 200; each += 1) use(20, `job-${each}`);
    expect(lifeOf('shared', 'shared')).toBe('long');
    for (let each = 0; each < 60; each += 1) use(300, `night-${each}`);
    expect(lifeOf('shared', 'shared')).toBe('short');
  });

  it('is short for who waits for others when they turn out to be quick, and long when they are not', () => {
    const quick = open();
    for (let each = 0; each < 5; each += 1) quick.use(0.5);
    expect(quick.lifeOf('waiting')).toBe('short');
    const slow = open();
    for (const gap of [0, 0.2, 4.2, 0.2]) slow.use(gap);
    expect(slow.lifeOf('waiting')).toBe('long');
  });

  it('tells conversations apart: two leads at once are not one quick lead', () => {
    const { use, lifeOf } = open();
    for (let each = 0; each < 4; each += 1) {
      use(3, 'one');
      use(3, 'two');
    }
    expect(lifeOf('waiting')).toBe('long');
  });

  it('goes by the provider’s own terms: half an hour is short for OpenAI', () => {
    const { use, lifeOf } = open('openai/gpt-6.1-sol');
    for (const gap of [0, 20, 20, 20]) use(gap, `job-${gap}`);
    expect(lifeOf('shared', 'shared')).toBe('short');
    use(120, 'later');
    use(120, 'later still');
    use(120, 'last');
    expect(lifeOf('shared', 'shared')).toBe('long');
  });

  it('forgets what was unused for longest, so that memory stays bounded', () => {
    const reuse = createReuse(() => 0);
    const note = (name: string) =>
      reuse.note({ model: claude, whole: prefixKey(claude, name), marked: [], conversation: 'c' });
    note('first');
    note('first');
    expect(reuse.lifeOf({ model: claude, prefix: 'first', kind: 'waiting' })).toBe('short');
    for (let each = 0; each < 2_000; each += 1) {
      note(`later ${each}`);
      note(`later ${each}`);
    }
    expect(reuse.lifeOf({ model: claude, prefix: 'first', kind: 'waiting' })).toBe('long');
  });
});

describe('a cache policy', () => {
  it('joins what is known of models with what requests have shown', () => {
    const { reuse, use } = open();
    const start = { isFirst: true, before: null };
    const policy = createCachePolicy({
      warmth: { reuse },
      tokenFactor: () => 1.3,
      beginWith: () => start,
    });
    use(0);
    use(30);
    expect(policy.lifeOf({ model: claude, prefix: 'shared', kind: 'shared' })).toBe('long');
    expect(policy.prefixTokensMin(claude)).toBe(1_024);
    expect(policy.prefixTokensMin('acme/x')).toBeNull();
    expect(policy.tokenFactor(claude)).toBe(1.3);
    expect(policy.beginWith('a', { tools: [], system: [] })).toBe(start);
  });
});
