import assert from 'node:assert/strict';
import type { Hot, TokenWant } from '../core/index.ts';

/** One promise of a hot store and the check that holds it. */
export interface HotPromise {
  readonly promise: string;
  /** `open` gives a hot store that nobody used before. */
  check(open: () => Promise<HotUnderTest>): Promise<void>;
}

/** A hot store under test, and how its time passes. */
export interface HotUnderTest {
  readonly hot: Hot;
  /** Lets others go on, and at least `ms` pass. */
  passTime(ms: number): Promise<void>;
}

/** A text that is as long as is promised to go through, in bytes. */
const longText = 'x'.repeat(2 ** 20);

/** What every hot store promises while it can be reached. Give each entry to your test runner. */
export const hotContract: readonly HotPromise[] = [
  {
    promise: 'gives what was set, whole, and null for what was not',
    async check(open) {
      const { hot } = await open();
      const value = { version: 1_700_000_000_000_123, text: 'zwölf\n\u0000"日本' };
      await hot.set('a', value, 60_000);
      await hot.set('empty', { version: 0, text: '' }, 60_000);
      assert.deepEqual(await hot.get('a'), value);
      assert.deepEqual(await hot.get('empty'), { version: 0, text: '' });
      assert.equal(await hot.get('b'), null);
    },
  },
  {
    promise: 'an older copy never replaces a newer one, and a newer one always replaces an older one',
    async check(open) {
      const { hot } = await open();
      await Promise.all(
        [3, 1, 7, 2, 9, 4].map((version) => hot.set('a', { version, text: `${version}` }, 60_000)),
      );
      assert.equal((await hot.get('a'))?.text, '9');
      await hot.set('a', { version: 10, text: 'ten' }, 60_000);
      assert.equal((await hot.get('a'))?.text, 'ten');
    },
  },
  {
    promise: 'a copy is gone when its time is over, and then an older one may take its place',
    async check(open) {
      const { hot, passTime } = await open();
      await hot.set('a', { version: 2, text: 'short' }, 20);
      await hot.set('b', { version: 2, text: 'long' }, 60_000);
      await passTime(60);
      assert.equal(await hot.get('a'), null);
      assert.equal((await hot.get('b'))?.text, 'long');
      await hot.set('a', { version: 1, text: 'older' }, 60_000);
      assert.equal((await hot.get('a'))?.text, 'older');
    },
  },
  {
    promise: 'a removed copy is gone',
    async check(open) {
      const { hot } = await open();
      await hot.set('a', { version: 5, text: 'x' }, 60_000);
      await hot.remove('a');
      await hot.remove('never there');
      assert.equal(await hot.get('a'), null);
    },
  },
  {
    promise: 'a text of 1 MiB is kept and told; a longer one is not, and takes the older copy with it',
    async check(open) {
      const opened = await open();
      const { hot } = opened;
      await hot.set('a', { version: 1, text: longText }, 60_000);
      assert.equal((await hot.get('a'))?.text.length, longText.length);
      await hot.set('a', { version: 2, text: `${longText}x` }, 60_000);
      assert.equal(await hot.get('a'), null);
      const heard = await listenTo(opened, 'news');
      for (const text of [`${longText}x`, longText, 'last']) hot.publish('news', text);
      await heard.until('last');
      assert.deepEqual(
        heard.texts.map(({ length }) => length),
        [longText.length, 'last'.length],
      );
    },
  },
  {
    promise: 'whoever listens hears the messages of their channel in order, and of no other',
    async check(open) {
      const opened = await open();
      const { hot } = opened;
      const [one, two] = [await listenTo(opened, 'a'), await listenTo(opened, 'a')];
      const other = await listenTo(opened, 'b');
      for (const text of ['1', '2', 'end']) hot.publish('a', text);
      hot.publish('b', 'end');
      await Promise.all([one, two, other].map((each) => each.until('end')));
      assert.deepEqual([one.texts, two.texts, other.texts], [['1', '2', 'end'], ['1', '2', 'end'], ['end']]);
    },
  },
  {
    promise: 'whoever stopped listening hears nothing more, and the others go on hearing',
    async check(open) {
      const opened = await open();
      const { hot } = opened;
      const [gone, there] = [await listenTo(opened, 'a'), await listenTo(opened, 'a')];
      gone.stop();
      gone.stop();
      hot.publish('a', 'end');
      await there.until('end');
      assert.deepEqual(gone.texts, []);
    },
  },
  {
    promise: 'says which channels somebody listens to',
    async check(open) {
      const opened = await open();
      const { hot } = opened;
      const heard = await listenTo(opened, 'a');
      assert.deepEqual(await hot.listened(['a', 'b']), new Set(['a']));
      assert.deepEqual(await hot.listened([]), new Set());
      heard.stop();
      await eventually(opened, 'nobody listens to a', async () => !(await hot.listened(['a'])).has('a'));
    },
  },
  {
    promise: 'a bucket gives what it holds, then says how long to wait, and is full again after a while',
    async check(open) {
      const { hot } = await open();
      const take = (tokens: number, nowMs: number) => hot.takeTokens('b', want(tokens, nowMs));
      assert.deepEqual(await take(4, 1000), { ok: true, left: 6 });
      assert.deepEqual(await take(6, 1000), { ok: true, left: 0 });
      assert.deepEqual(await take(3, 1000), { ok: false, left: 0, waitMs: 1500 });
      assert.deepEqual(await take(3, 2499), { ok: false, left: 2, waitMs: 1 });
      assert.deepEqual(await take(3, 2500), { ok: true, left: 0 });
      assert.deepEqual(await take(10, 900_000), { ok: true, left: 0 });
    },
  },
  {
    promise: 'many who draw from a bucket at once never get more than it holds',
    async check(open) {
      const { hot } = await open();
      const draws = Array.from({ length: 40 }, () => hot.takeTokens('b', want(1, 5000)));
      const taken = (await Promise.all(draws)).filter((each) => each.ok);
      assert.equal(taken.length, 10);
    },
  },
  {
    promise: 'a clock that runs behind neither fills nor empties a bucket',
    async check(open) {
      const { hot } = await open();
      await hot.takeTokens('b', want(10, 5000));
      assert.deepEqual(await hot.takeTokens('b', want(1, 1000)), { ok: false, left: 0, waitMs: 500 });
      assert.deepEqual(await hot.takeTokens('b', want(1, 5500)), { ok: true, left: 0 });
    },
  },
  {
    promise: 'who wants more than a bucket can hold waits until it is full',
    async check(open) {
      const { hot } = await open();
      assert.deepEqual(await hot.takeTokens('b', want(50, 0)), { ok: true, left: 0 });
      assert.deepEqual(await hot.takeTokens('b', want(50, 0)), { ok: false, left: 0, waitMs: 5000 });
    },
  },
  {
    promise: 'a closed one answers as if it were empty, and closing it again does nothing',
    async check(open) {
      const { hot } = await open();
      await hot.set('a', { version: 1, text: 'x' }, 60_000);
      await hot.close();
      await hot.close();
      hot.publish('a', 'x');
      await hot.set('b', { version: 1, text: 'x' }, 60_000);
      assert.equal(await hot.get('a'), null);
      assert.equal((await hot.takeTokens('b', want(1, 0))).ok, true);
    },
  },
];

function want(tokens: number, nowMs: number): TokenWant {
  return { tokens, size: 10, refillPerSecond: 2, nowMs };
}

interface Heard {
  readonly texts: readonly string[];
  until(text: string): Promise<void>;
  stop(): void;
}

/** Listens, and resolves when the hot store says so. */
async function listenTo(opened: HotUnderTest, channel: string): Promise<Heard> {
  const { hot } = opened;
  const texts: string[] = [];
  const stop = hot.subscribe(channel, (text) => texts.push(text));
  await eventually(opened, `somebody listens to ${channel}`, async () =>
    (await hot.listened([channel])).has(channel),
  );
  return {
    texts,
    stop,
    until: (text) => eventually(opened, `${text.slice(0, 20)} was heard`, async () => texts.includes(text)),
  };
}

/** Asks again and again, a millisecond apart, until it is so. */
async function eventually(
  { passTime }: HotUnderTest,
  what: string,
  holds: () => Promise<boolean>,
): Promise<void> {
  for (let asked = 0; asked < 5000; asked++) {
    if (await holds()) return;
    await passTime(1);
  }
  assert.fail(`Never came true: ${what}`);
}
