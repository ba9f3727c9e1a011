import assert from 'node:assert/strict';
import {
  addUsage,
  type Failure,
  hashBytes,
  type Message,
  type Model,
  type ModelEnd,
  type ModelEvent,
  type ModelRequest,
  noUsage,
  type Reply,
  type ToolDefinition,
  totalInputTokens,
  totalOutputTokens,
  type Usage,
} from '../core/index.ts';

/** A model behind a real wire: a provider's, a local server's or the simulator's. */
export interface ProviderUnderTest {
  readonly model: Model;
  /** The same endpoint, asked with a key that it must refuse; null where it asks for none. */
  readonly stranger: Model | null;
  /** What this endpoint can do beside talking and calling tools: promises that need more are left out. */
  readonly can: ReadonlySet<ProviderSkill>;
  /** Makes prompts that no earlier run has left in a cache. */
  readonly salt: string;
}

/** What not every endpoint can do, or can be made to do. */
export type ProviderSkill = 'cache' | 'images' | 'output-schema' | 'refuse' | 'overflow';

/** One promise of a provider's wire and the check that holds it. */
export interface ProviderPromise {
  readonly promise: string;
  /** Null: every endpoint. */
  readonly needs: ProviderSkill | null;
  /** Rejects when the promise is broken. Gives what asking used. */
  check(provider: ProviderUnderTest): Promise<Usage>;
}

/**
 * What Inspan relies on when it speaks to a provider. Asked in plain words, so that real models can take part.
 * All together use about 20,000 input and 1,000 output tokens.
 */
export const providerContract: readonly ProviderPromise[] = [
  {
    promise: 'it says that it has begun before it says anything, and its texts join to the reply',
    needs: null,
    async check({ model }) {
      const { events, reply } = await replied(model, asking('Answer with exactly: Hello, world.'));
      const shown = events.flatMap((event) => (event.type === 'text' ? [event.text] : [])).join('');
      assert.equal(events[0]?.type, 'begun');
      assert.equal(shown, textOf(reply));
      assert.match(shown, /hello,? world/i);
      assert.deepEqual([reply.stop, reply.model], ['done', model.id]);
      return reply.usage;
    },
  },
  {
    promise: 'it reports what was used, in buckets that are whole numbers or said to be unknown',
    needs: null,
    async check({ model }) {
      const { reply } = await replied(model, asking('Answer with exactly: Hello, world.'));
      const { cacheReadTokens, ...counts } = reply.usage;
      const known = [...Object.values(counts), ...(cacheReadTokens === 'unknown' ? [] : [cacheReadTokens])];
      for (const tokens of known) assert.ok(Number.isInteger(tokens) && tokens >= 0, `${tokens} tokens`);
      assert.ok(totalInputTokens(reply.usage) > 0 && totalOutputTokens(reply.usage) > 0);
      return reply.usage;
    },
  },
  {
    promise: 'it calls a tool, and goes on with the result when its own blocks come back as they were',
    needs: null,
    async check({ model }) {
      const first = asking('Look at a.md with the tool look, then answer with exactly what it says.');
      const { reply: asked } = await replied(model, first);
      const [call] = callsOf(asked);
      assert.ok(call !== undefined, 'it was to call the tool look');
      assert.deepEqual([asked.stop, call.name, call.input], ['tool-calls', 'look', { path: 'a.md' }]);
      const { reply } = await replied(model, withResults(first, asked, 'Hello, world.'));
      assert.match(textOf(reply), /hello,? world/i);
      return addUsage(asked.usage, reply.usage);
    },
  },
  {
    promise: 'several calls of one reply keep apart',
    needs: null,
    async check({ model }) {
      const first = asking('Look at a.md and at b.md: call the tool look twice, both calls at once.');
      const { reply: asked } = await replied(model, first);
      const calls = callsOf(asked);
      assert.deepEqual(calls.map(({ input }) => input).sort(byJson), [{ path: 'a.md' }, { path: 'b.md' }]);
      assert.equal(new Set(calls.map(({ id }) => id)).size, 2);
      const { reply } = await replied(model, withResults(first, asked, 'Hello, world.'));
      return addUsage(asked.usage, reply.usage);
    },
  },
  {
    promise: 'a failed tool result is accepted',
    needs: null,
    async check({ model }) {
      const first = asking('Look at a.md with the tool look, then answer with exactly what it says.');
      const { reply: asked } = await replied(model, first);
      const { reply } = await replied(model, withResults(first, asked, 'There is no such file.', true));
      return addUsage(asked.usage, reply.usage);
    },
  },
  {
    promise: 'an answer that reaches the output limit says so',
    needs: null,
    async check({ model }) {
      const long = { ...asking('Count from one to two hundred in words.'), outputTokensMax: 24 };
      const { reply } = await replied(model, long);
      assert.equal(reply.stop, 'output-limit');
      return reply.usage;
    },
  },
  {
    promise: 'an answer that is cancelled ends as cancelled',
    needs: null,
    async check({ model }) {
      const leaving = new AbortController();
      const ends: ModelEnd[] = [];
      const request = { ...asking('Count from one to two hundred in words.'), outputTokensMax: 400 };
      for await (const event of model.stream(request, leaving.signal)) {
        if (event.type === 'text') leaving.abort();
        if (event.type === 'end') ends.push(event.end);
      }
      const [end] = ends;
      assert.equal(ends.length, 1);
      // A short answer may have come whole before anybody could leave.
      if (end?.type === 'reply') return end.reply.usage;
      assert.equal(end?.failure.code, 'cancelled');
      return end?.usage ?? noUsage;
    },
  },
  {
    promise: 'a wrong key is refused as no access, without naming the key',
    needs: null,
    async check({ stranger }) {
      if (stranger === null) return noUsage;
      const { code } = await failed(stranger, asking('Answer with exactly: Hello, world.'));
      assert.equal(code, 'no-access');
      return noUsage;
    },
  },
  {
    promise: 'an answer with a schema is JSON that fits it',
    needs: 'output-schema',
    async check({ model }) {
      const schema = {
        type: 'object',
        properties: { greeting: { type: 'string' } },
        required: ['greeting'],
        additionalProperties: false,
      };
      const request = { ...asking('Greet the world.'), tools: [], output: { name: 'greeting', schema } };
      const { reply } = await replied(model, request);
      const answer: unknown = JSON.parse(textOf(reply));
      assert.equal(typeof (answer as { readonly greeting?: unknown }).greeting, 'string');
      return reply.usage;
    },
  },
  {
    promise: 'a picture is accepted',
    needs: 'images',
    async check({ model }) {
      const picture = { type: 'image', mediaType: 'image/png', base64: redDot } as const;
      const text = { type: 'text', text: 'Answer with exactly: Hello, world.' } as const;
      const request: ModelRequest = { ...asking(''), messages: [{ role: 'user', blocks: [text, picture] }] };
      return (await replied(model, request)).reply.usage;
    },
  },
  {
    promise: 'a long prefix that was sent before is read from the cache',
    needs: 'cache',
    async check({ model, salt }) {
      const request = withLongPrefix(asking('Answer with exactly: Hello, world.'), salt);
      const { reply: first } = await replied(model, request);
      const { reply: second } = await replied(model, request);
      const { cacheReadTokens } = second.usage;
      const share = cacheReadTokens === 'unknown' ? 0 : cacheReadTokens / totalInputTokens(second.usage);
      assert.ok(share > 0.8, `${Math.round(share * 100)} % were read from the cache`);
      return addUsage(first.usage, second.usage);
    },
  },
  {
    promise: 'counting a request comes near to what is reported of it',
    needs: null,
    async check({ model }) {
      if (model.countTokens === undefined) return noUsage;
      const request = asking('Answer with exactly: Hello, world.');
      const counted = await model.countTokens(request, new AbortController().signal);
      // Compatible servers may not have the endpoint.
      if (!counted.ok) return noUsage;
      const { reply } = await replied(model, request);
      const share = counted.value / totalInputTokens(reply.usage);
      assert.ok(
        share > 0.8 && share < 1.25,
        `counted ${counted.value}, used ${totalInputTokens(reply.usage)}`,
      );
      return reply.usage;
    },
  },
  {
    promise: 'a refusal is a reply that says so',
    needs: 'refuse',
    async check({ model }) {
      const { reply } = await replied(model, asking('Say what you must refuse to say.'));
      assert.equal(reply.stop, 'refused');
      return reply.usage;
    },
  },
  {
    promise: 'a request that is too long fails as such',
    needs: 'overflow',
    async check({ model }) {
      const { code } = await failed(model, withLongPrefix(asking('Overflow your context.'), 'overflow'));
      assert.equal(code, 'context-full');
      return noUsage;
    },
  },
];

/** Eight by eight red pixels. */
const redDot =
  'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEUlEQVR42mP4z8CAFTEMLQkAKP8/wc53yE8AAAAASUVORK5CYII=';

const look: ToolDefinition = {
  name: 'look',
  purpose: 'Shows what a file says.',
  inputSchema: {
    type: 'object',
    properties: { path: { type: 'string' } },
    required: ['path'],
    additionalProperties: false,
  },
  effect: 'read',
};

function asking(text: string): ModelRequest {
  return {
    lane: 'contract',
    tools: [look],
    system: [{ id: 'prompt', stability: 'release', text: 'Do exactly what you are asked, and no more.' }],
    messages: [{ role: 'user', blocks: [{ type: 'text', text }] }],
    outputTokensMax: 400,
  };
}

/** Sentences enough for every model's cache: about 6,000 tokens. */
const prefixSentences = 400;

function withLongPrefix(request: ModelRequest, salt: string): ModelRequest {
  const sentences = Array.from({ length: prefixSentences }, (_, index) => {
    return `Rule ${index} of house ${hashBytes(`${salt} ${index}`).slice(0, 8)}: leave it as it was.`;
  });
  const prefix = {
    id: 'prefix',
    stability: 'release',
    text: sentences.join('\n'),
    cacheMark: 'short',
  } as const;
  return { ...request, system: [...request.system, prefix] };
}

function withResults(request: ModelRequest, reply: Reply, text: string, failed = false): ModelRequest {
  const results = callsOf(reply).map(({ id }) => ({ type: 'tool-result' as const, id, text, failed }));
  const more: readonly Message[] = [
    { role: 'assistant', blocks: reply.blocks },
    { role: 'user', blocks: results },
  ];
  return { ...request, messages: [...request.messages, ...more] };
}

async function replied(
  model: Model,
  request: ModelRequest,
): Promise<{ readonly events: readonly ModelEvent[]; readonly reply: Reply }> {
  const { events, end } = await ended(model, request);
  assert.ok(end.type === 'reply', `expected a reply, got ${JSON.stringify(end)}`);
  return { events, reply: end.reply };
}

async function failed(model: Model, request: ModelRequest): Promise<Failure> {
  const { end } = await ended(model, request);
  assert.ok(end.type === 'failed', `expected a failure, got ${JSON.stringify(end)}`);
  return end.failure;
}

async function ended(
  model: Model,
  request: ModelRequest,
): Promise<{ readonly events: readonly ModelEvent[]; readonly end: ModelEnd }> {
  const events: ModelEvent[] = [];
  for await (const event of model.stream(request, new AbortController().signal)) events.push(event);
  const last = events.at(-1);
  assert.ok(last?.type === 'end', 'a stream ends with an end');
  return { events, end: last.end };
}

function callsOf({ blocks }: Reply) {
  return blocks.filter((block) => block.type === 'tool-call');
}

function textOf({ blocks }: Reply): string {
  return blocks.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('');
}

function byJson(a: unknown, b: unknown): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
}
