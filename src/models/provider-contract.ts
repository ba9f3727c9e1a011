import assert from 'node:assert/strict';
import {
  type Failure,
  InspanError,
  type Model,
  type ModelRequest,
  totalInputTokens,
  totalOutputTokens,
} from '../core/index.ts';
import {
  asking,
  byJson,
  callsOf,
  failed,
  heardUntilText,
  picture,
  replied,
  textOf,
  withLongPrefix,
  withResults,
} from './provider-questions.ts';

/** A model behind a real wire: a provider's, a local server's or the simulator's. */
export interface ProviderUnderTest {
  readonly model: Model;
  /** The same endpoint, asked with a key that it must refuse; null where it asks for none. */
  readonly stranger: Model | null;
  /** What this endpoint can do beside talking and calling tools: promises that need more are left out. */
  readonly can: ReadonlySet<ProviderSkill>;
  /** Makes prompts that no earlier run has left in a cache. */
  readonly salt: string;
  /** Stops whatever is being asked. */
  readonly signal: AbortSignal;
}

/** What not every endpoint can do, or can be made to do. */
export type ProviderSkill = 'keys' | 'cache' | 'images' | 'output-schema' | 'refuse' | 'overflow';

/** One promise of a provider's wire and the check that holds it. */
export interface ProviderPromise {
  readonly promise: string;
  /** Null: every endpoint. */
  readonly needs: ProviderSkill | null;
  /** Rejects when the promise is broken; with `InspanError` where a call failed that was to be answered. */
  check(provider: ProviderUnderTest): Promise<void>;
}

const greetingDocument = /^\s*\{\s*"greeting"\s*:\s*"(?:[^"\\]|\\.)*"\s*\}\s*$/;
const greeting = 'Answer with exactly: Hello, world.';
const looking = 'Look at a.md with the tool look, then answer with exactly what it says.';
const counting = 'Count from one to two hundred in words.';

const talking: readonly ProviderPromise[] = [
  {
    promise: 'it says that it has begun before it says anything, and its texts join to the reply',
    needs: null,
    async check(provider) {
      const { events, reply } = await replied(asking(greeting), provider);
      const shown = events.flatMap((event) => (event.type === 'text' ? [event.text] : [])).join('');
      assert.equal(events[0]?.type, 'begun', 'the first event was to be `begun`');
      assert.equal(shown, textOf(reply), 'the texts shown were to join to the reply');
      assert.match(shown, /hello,? world/i, `it said ${JSON.stringify(shown)}`);
      const facts = [reply.stop, reply.model];
      assert.deepEqual(facts, ['done', provider.model.id], `its reply is of ${JSON.stringify(facts)}`);
    },
  },
  {
    promise: 'it reports what was used, in buckets that are whole numbers or said to be unknown',
    needs: null,
    async check(provider) {
      const { usage } = (await replied(asking(greeting), provider)).reply;
      const { cacheReadTokens, ...counts } = usage;
      const known = [...Object.values(counts), ...(cacheReadTokens === 'unknown' ? [] : [cacheReadTokens])];
      for (const tokens of known) assert.ok(Number.isInteger(tokens) && tokens >= 0, `${tokens} tokens`);
      assert.ok(totalInputTokens(usage) > 0 && totalOutputTokens(usage) > 0, 'no tokens were reported');
    },
  },
  {
    promise: 'an answer that reaches the output limit says so',
    needs: null,
    async check(provider) {
      const { reply } = await replied({ ...asking(counting), outputTokensMax: 24 }, provider);
      assert.equal(reply.stop, 'output-limit', `it stopped with ${reply.stop}`);
    },
  },
  {
    promise: 'an answer that is cancelled ends as cancelled',
    needs: null,
    async check(provider) {
      const end = await heardUntilText(asking(counting), provider);
      // A short answer may have come whole before anybody could leave.
      if (end.type === 'failed') assertCode(end.failure, 'cancelled');
    },
  },
  {
    promise: 'counting a request comes near to what is reported of it',
    needs: null,
    async check(provider) {
      const request = asking(greeting);
      const counted = await provider.model.countTokens?.(request, provider.signal);
      // Compatible servers may not have the endpoint.
      if (counted?.ok !== true) return;
      const used = totalInputTokens((await replied(request, provider)).reply.usage);
      const share = counted.value / used;
      assert.ok(share > 0.8 && share < 1.25, `counted ${counted.value} tokens, used ${used}`);
    },
  },
];

const callingTools: readonly ProviderPromise[] = [
  {
    promise: 'it calls a tool, and goes on with the result when its own blocks come back as they were',
    needs: null,
    async check(provider) {
      const first = asking(looking);
      const { reply: asked } = await replied(first, provider);
      const [call] = callsOf(asked);
      assert.ok(call !== undefined, 'it was to call the tool look');
      const made = [asked.stop, call.name, call.input];
      assert.deepEqual(made, ['tool-calls', 'look', { path: 'a.md' }], `it made ${JSON.stringify(made)}`);
      const { reply } = await replied(withResults(first, asked, { text: 'Hello, world.' }), provider);
      const said = textOf(reply);
      assert.match(said, /hello,? world/i, `it said ${JSON.stringify(said)}`);
    },
  },
  {
    promise: 'several calls of one reply keep apart',
    needs: null,
    async check(provider) {
      const first = asking('Look at a.md and at b.md: call the tool look twice, both calls at once.');
      const { reply: asked } = await replied(first, provider);
      const calls = callsOf(asked);
      const inputs = calls.map(({ input }) => input).sort(byJson);
      assert.deepEqual(inputs, [{ path: 'a.md' }, { path: 'b.md' }], `it called ${JSON.stringify(inputs)}`);
      assert.equal(new Set(calls.map(({ id }) => id)).size, 2, 'two calls were to have two ids');
      await replied(withResults(first, asked, { text: 'Hello, world.' }), provider);
    },
  },
  {
    promise: 'a failed tool result is accepted',
    needs: null,
    async check(provider) {
      const first = asking(looking);
      const { reply: asked } = await replied(first, provider);
      assert.ok(callsOf(asked).length > 0, 'it was to call the tool look');
      await replied(withResults(first, asked, { text: 'There is no such file.', failed: true }), provider);
    },
  },
];

const special: readonly ProviderPromise[] = [
  {
    promise: 'a wrong key is refused as no access, without naming the key',
    needs: 'keys',
    async check({ stranger, signal }) {
      assert.ok(stranger !== null, 'an endpoint with keys was to have a stranger');
      assertCode(await failed(asking(greeting), { model: stranger, signal }), 'no-access');
    },
  },
  {
    promise: 'an answer with a schema is JSON that fits it',
    needs: 'output-schema',
    async check(provider) {
      const schema = {
        type: 'object',
        properties: { greeting: { type: 'string' } },
        required: ['greeting'],
        additionalProperties: false,
      };
      const request = { ...asking('Greet the world.'), tools: [], output: { name: 'greeting', schema } };
      const text = textOf((await replied(request, provider)).reply);
      assert.match(text, greetingDocument, `it answered ${JSON.stringify(text)}`);
    },
  },
  {
    promise: 'a picture is accepted',
    needs: 'images',
    async check(provider) {
      const text = { type: 'text', text: greeting } as const;
      const request: ModelRequest = {
        ...asking(''),
        messages: [{ role: 'user', blocks: [text, picture] }],
      };
      await replied(request, provider);
    },
  },
  {
    promise: 'a long prefix that was sent before is read from the cache',
    needs: 'cache',
    async check(provider) {
      const request = withLongPrefix(asking(greeting), provider.salt);
      await replied(request, provider);
      const { usage } = (await replied(request, provider)).reply;
      const read = usage.cacheReadTokens === 'unknown' ? 0 : usage.cacheReadTokens;
      const percent = Math.round((100 * read) / totalInputTokens(usage));
      assert.ok(percent > 80, `${percent} % of the input were read from the cache`);
    },
  },
  {
    promise: 'a refusal is a reply that says so',
    needs: 'refuse',
    async check(provider) {
      const { reply } = await replied(asking('Say what you must refuse to say.'), provider);
      assert.equal(reply.stop, 'refused', `it stopped with ${reply.stop}`);
    },
  },
  {
    promise: 'a request that is too long fails as such',
    needs: 'overflow',
    async check(provider) {
      const request = withLongPrefix(asking('Overflow your context.'), provider.salt);
      assertCode(await failed(request, provider), 'context-full');
    },
  },
];

/**
 * What Inspan relies on when it speaks to a provider. Asked in plain words, so that real models can take part.
 * All together use about 25,000 input and 1,000 output tokens. Give each entry to your test runner.
 */
export const providerContract: readonly ProviderPromise[] = [...talking, ...callingTools, ...special];

/** Who failed otherwise says so best in its own words. */
function assertCode(failure: Failure, expected: Failure['code']): void {
  if (failure.code !== expected) throw new InspanError([failure]);
}
