import assert from 'node:assert/strict';
import type { Model, ModelEnd, ModelEvent, ModelRequest } from '../core/index.ts';

/** One promise of a model and the check that holds it. */
export interface ModelPromise {
  readonly promise: string;
  check(open: OpenModelIn): Promise<void>;
}

/**
 * What the model under test is to do: say "Hello, world." in at least two pieces; call the tool `look` with
 * `{"path":"a.md"}`; fail; or never answer.
 */
export type ModelSituation = 'says' | 'calls' | 'fails' | 'hangs';

/** Opens the model under test in a situation. */
export type OpenModelIn = (
  situation: ModelSituation,
) => Promise<{ readonly model: Model; close(): Promise<void> }>;

/** What every model promises. Give each entry to your test runner. */
export const modelContract: readonly ModelPromise[] = [
  {
    promise: 'a stream ends with exactly one end event, which is the last',
    check: (open) => each(open, ['says', 'calls', 'fails'], async (model) => void (await outcome(model))),
  },
  {
    promise: 'the text events join to the text of the reply',
    check: (open) =>
      each(open, ['says'], async (model) => {
        const { events, end } = await outcome(model);
        const shown = events.flatMap((event) => (event.type === 'text' ? [event.text] : [])).join('');
        assert.ok(end.type === 'reply', `expected a reply, got ${JSON.stringify(end)}`);
        assert.deepEqual(
          [shown, end.reply.blocks],
          ['Hello, world.', [{ type: 'text', text: 'Hello, world.' }]],
        );
        assert.deepEqual([end.reply.stop, end.reply.model], ['done', model.id]);
      }),
  },
  {
    promise: 'a tool call comes whole, with an id, and is the reason to stop',
    check: (open) =>
      each(open, ['calls'], async (model) => {
        const { end } = await outcome(model);
        assert.ok(end.type === 'reply', `expected a reply, got ${JSON.stringify(end)}`);
        const [call] = end.reply.blocks.filter((block) => block.type === 'tool-call');
        assert.deepEqual([call?.name, call?.input, end.reply.stop], ['look', { path: 'a.md' }, 'tool-calls']);
        assert.notEqual(call?.id ?? '', '');
      }),
  },
  {
    promise: 'every usage bucket is a whole number from 0, or said to be unknown',
    check: (open) =>
      each(open, ['says', 'calls'], async (model) => {
        const { end } = await outcome(model);
        assert.ok(end.type === 'reply', `expected a reply, got ${JSON.stringify(end)}`);
        const { cacheReadTokens, ...rest } = end.reply.usage;
        const counts = [...Object.values(rest), ...(cacheReadTokens === 'unknown' ? [] : [cacheReadTokens])];
        for (const count of counts) assert.ok(Number.isInteger(count) && count >= 0, `${count} tokens`);
      }),
  },
  {
    promise: 'a failure is an end event, never an exception',
    check: (open) =>
      each(open, ['fails'], async (model) => assert.equal((await outcome(model)).end.type, 'failed')),
  },
  {
    promise: 'a call whose signal has fired before it ends as cancelled',
    check: (open) =>
      each(open, ['says'], async (model) => mustBeCancelled(await outcome(model, AbortSignal.abort()))),
  },
  {
    promise: 'a call that is cancelled ends promptly as cancelled, though the model never answers',
    check: (open) =>
      each(open, ['hangs'], async (model) => {
        const caller = new AbortController();
        const running = outcome(model, caller.signal);
        setImmediate(() => caller.abort());
        mustBeCancelled(await running);
      }),
  },
  {
    promise: 'a request is never changed, and may be asked again',
    check: (open) =>
      each(open, ['says'], async (model) => {
        const before = JSON.stringify(question);
        await outcome(model);
        assert.equal((await outcome(model)).end.type, 'reply');
        assert.equal(JSON.stringify(question), before);
      }),
  },
];

const question: ModelRequest = {
  lane: 'contract',
  tools: [
    {
      name: 'look',
      purpose: 'Shows a file.',
      inputSchema: { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] },
      effect: 'read',
    },
  ],
  system: [{ id: 'prompt', stability: 'release', text: 'Be brief.', cacheMark: 'short' }],
  messages: [{ role: 'user', blocks: [{ type: 'text', text: 'Go on.' }], cacheMark: 'short' }],
  outputTokensMax: 100,
};

async function each(
  open: OpenModelIn,
  situations: readonly ModelSituation[],
  check: (model: Model) => Promise<void>,
): Promise<void> {
  for (const situation of situations) {
    const { model, close } = await open(situation);
    try {
      await check(model);
    } finally {
      await close();
    }
  }
}

async function outcome(
  model: Model,
  signal: AbortSignal = new AbortController().signal,
): Promise<{ readonly events: readonly ModelEvent[]; readonly end: ModelEnd }> {
  const events: ModelEvent[] = [];
  for await (const event of model.stream(question, signal)) events.push(event);
  const ends = events.filter((event) => event.type === 'end');
  const last = events.at(-1);
  assert.ok(
    ends.length === 1 && last?.type === 'end',
    `one end event, the last, not ${JSON.stringify(events)}`,
  );
  return { events, end: last.end };
}

function mustBeCancelled({ end }: { readonly end: ModelEnd }): void {
  assert.ok(end.type === 'failed', `expected a failure, got ${JSON.stringify(end)}`);
  assert.equal(end.failure.code, 'cancelled');
}
