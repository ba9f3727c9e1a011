import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { fail, InspanError, ok, type Tool, type ToolCall, type Workspace } from '../core/index.ts';
import { named, type ToolSpec, tool, type UnnamedTool } from './tool.ts';

const input = z.object({
  draft: z.string().min(2),
  source: z.string().optional(),
  limit: z.number().int().default(3),
  tone: z.enum(['plain', 'warm']).optional(),
  items: z.array(z.object({ name: z.string() })).optional(),
  size: z.union([z.string(), z.number()]).optional(),
});

function call(signal: AbortSignal = new AbortController().signal): ToolCall {
  const wait = async () => await Promise.reject(new Error('Nobody waits here'));
  return {
    agent: 'checker',
    key: 'checker/1',
    idempotencyKey: 'job/checker/1',
    workspace: {} as Workspace,
    signal,
    wait,
  };
}

async function answerOf(run: ToolSpec['run'], signal?: AbortSignal) {
  return await tool({ purpose: 'p', input: z.object({}), run }).run({}, call(signal));
}

describe('a typed tool', () => {
  it('infers what `run` is given, and needs no name', () => {
    const made = tool({
      purpose: 'Checks',
      input,
      run: ({ draft, source, limit }, { signal }) => {
        expectTypeOf(draft).toEqualTypeOf<string>();
        expectTypeOf(source).toEqualTypeOf<string | undefined>();
        expectTypeOf(limit).toEqualTypeOf<number>();
        expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
        return draft;
      },
    });
    expectTypeOf(made).toEqualTypeOf<UnnamedTool>();
    expectTypeOf(tool({ name: 'a', purpose: 'p', input, run: () => 1 })).toEqualTypeOf<Tool>();
    expect('name' in made).toBe(false);
    expect(named(made, 'check').name).toBe('check');
  });

  it('claims the least about itself unless told otherwise', () => {
    const bare = { purpose: ' p ', input: z.object({}), run: () => 'x' };
    expect(tool(bare)).toMatchObject({ purpose: 'p', effect: 'outside', replay: 'never' });
    expect(tool({ ...bare, effect: 'read' })).toMatchObject({ effect: 'read', replay: 'safe' });
    expect(tool({ ...bare, effect: 'write' })).toMatchObject({ effect: 'write', replay: 'safe' });
    expect(tool({ ...bare, replay: 'safe', overlaps: true, version: '2' })).toMatchObject({
      effect: 'outside',
      replay: 'safe',
      overlaps: true,
      version: '2',
    });
  });

  it('shows the model the input side of its schema', () => {
    const made = tool({
      purpose: 'p',
      input: z.object({ a: z.string().describe('An A'), n: z.number().default(1) }),
      run: () => 'x',
    });
    expect(made.inputSchema).toEqual({
      type: 'object',
      properties: { a: { type: 'string', description: 'An A' }, n: { type: 'number', default: 1 } },
      required: ['a'],
      additionalProperties: false,
    });
  });

  it.each([
    ['a bad name', { name: 'check-facts' }, /lowercase letters, digits and _/],
    ['a long name', { name: 'a'.repeat(65) }, /65 characters/],
    ['an empty purpose', { purpose: '' }, /needs a `purpose`/],
    ['no input', { input: undefined as unknown as typeof input }, /needs an `input`/],
    ['an input that is no object', { input: z.string() as unknown as typeof input }, /must be `z\.object/],
    ['an input that JSON cannot carry', { input: z.object({ at: z.date() }) }, /cannot be told to a model/],
    [
      'an effect that is none',
      { effect: 'reed' as 'read' },
      /`effect` is read or write or outside, not "reed"/,
    ],
    ['no run', { run: undefined as unknown as () => string }, /needs `run`/],
  ])('is refused for %s', (_, wrong, message) => {
    expect(() => tool({ purpose: 'p', input, run: () => 'x', ...wrong } as ToolSpec)).toThrow(message);
    expect(() => tool({ purpose: 'p', input, run: () => 'x', ...wrong } as ToolSpec)).toThrow(InspanError);
  });
});

describe("a model's arguments", () => {
  const made = tool({ purpose: 'p', input, run: () => 'x' });
  const lines = (sent: unknown): readonly string[] => {
    const parsed = made.parse(sent);
    return parsed.ok
      ? [`ok ${JSON.stringify(parsed.value)}`]
      : parsed.failure.message.split('\n').slice(0, -1);
  };

  it.each([
    ['right ones', { draft: 'ab' }, ['ok {"draft":"ab","limit":3}']],
    ['a wrong type', { draft: 7 }, ['draft: expected string, received number']],
    ['a missing field', {}, ['draft: required, but missing']],
    ['nothing', undefined, ['draft: required, but missing']],
    ['an unknown field', { draft: 'ab', drft: 1, x: 2 }, ['drft: no such field', 'x: no such field']],
    ['a wrong choice', { draft: 'ab', tone: 'cold' }, ['tone: expected one of "plain"|"warm"']],
    [
      'a wrong list item',
      { draft: 'ab', items: [{ name: 'a' }, { name: 1 }] },
      ['items[1].name: expected string, received number'],
    ],
    ['a missing list item field', { draft: 'ab', items: [{}] }, ['items[0].name: required, but missing']],
    [
      'none of two forms',
      { draft: 'ab', size: true },
      ['size: expected string, received boolean; or expected number, received boolean'],
    ],
    [
      'two wrong fields',
      { draft: 7, limit: 'x' },
      ['draft: expected string, received number', 'limit: expected number, received string'],
    ],
    ['text that is no JSON', '{"draft": ', ['The arguments are not valid JSON.']],
    ['a list', [1], ['The arguments are not a JSON object.']],
  ])('are answered for %s', (_, sent, expected) => {
    expect(lines(sent)).toEqual(expected);
  });

  it('are told what would fit, in the last line', () => {
    const parsed = made.parse({});
    expect(parsed).toMatchObject({ ok: false, failure: { code: 'bad-arguments' } });
    expect(parsed.ok ? '' : parsed.failure.message.split('\n').at(-1)).toBe(
      'Send one JSON object with: draft (string), source (string, optional), limit (integer, optional), ' +
        'tone (one of "plain", "warm", optional), items (list of object, optional), size (string or number, optional).',
    );
  });

  it.each([[undefined], [null], [''], [{}]])('may be %j where there are none to send', (sent) => {
    const bare = tool({ purpose: 'p', input: z.object({}), run: () => 'x' });
    expect(bare.parse(sent)).toEqual(ok({}));
    expect(bare.parse({ a: 1 })).toMatchObject({
      failure: { message: 'a: no such field\nThis tool takes no fields: send {}.' },
    });
  });

  it('may hold any field where the author says so', () => {
    const loose = tool({ purpose: 'p', input: z.looseObject({ a: z.string() }), run: () => 'x' });
    expect(loose.parse({ a: 'x', b: 1 })).toEqual(ok({ a: 'x', b: 1 }));
  });

  it('name an unknown field once where the author is strict too, also deep down', () => {
    const strict = tool({
      purpose: 'p',
      input: z.strictObject({ a: z.strictObject({}).optional() }),
      run: () => 'x',
    });
    expect(strict.parse({ b: 1, a: { c: 2 } })).toMatchObject({
      failure: { message: expect.stringMatching(/^a\.c: no such field\nb: no such field\nSend/) },
    });
  });

  it('name at most ten problems', () => {
    const sent = { draft: 'ab', ...Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`f${at}`, 1])) };
    expect(lines(sent)).toHaveLength(11);
    expect(lines(sent).at(-1)).toBe('… and 20 more problems');
  });

  it('are checked by refinements, whose words and throws are told', () => {
    const picky = tool({
      purpose: 'p',
      input: z.object({ n: z.number() }).refine(({ n }) => {
        if (n < 0) throw new Error('broken check');
        return n > 5;
      }, 'n must be above 5'),
      run: () => 'x',
    });
    expect(picky.parse({ n: 1 })).toMatchObject({
      failure: { code: 'bad-arguments', message: expect.stringMatching(/^n must be above 5\n/) },
    });
    expect(picky.parse({ n: -1 })).toMatchObject({
      failure: { code: 'tool-failed', message: expect.stringContaining('broken check') },
    });
  });
});

describe("a tool's answer", () => {
  it.each([
    ['text', 'hello', 'hello'],
    ['half a surrogate pair', 'a\uD83D', 'a\uFFFD'],
    ['data', { b: [1, null], a: true }, '{"b":[1,null],"a":true}'],
    ['a number', 0, '0'],
    ['null', null, 'null'],
    ['nothing', undefined, 'Done.'],
    ['a result', ok({ text: 'fine' }), 'fine'],
    ['data with a field ok', { ok: true, value: 3 }, '{"ok":true,"value":3}'],
    [
      'data that only looks like a failure',
      { ok: false, failure: { code: 'mine', message: 'x' } },
      '{"ok":false,"failure":{"code":"mine","message":"x"}}',
    ],
  ])('is told as text when it is %s', async (_, output, text) => {
    expect(await answerOf(async () => output)).toEqual(ok({ text }));
  });

  it('may be a failure of its own', async () => {
    const failure = fail('rate-limited', 'Come back later', { retryAfterMs: 10 });
    expect(await answerOf(() => failure)).toEqual(failure);
  });

  it.each([
    [
      'a plain throw',
      () => {
        throw new Error('no such account');
      },
      'no such account',
    ],
    [
      'only the first line',
      () => {
        throw new Error('first\nsecond');
      },
      'first',
    ],
    [
      'a path of the machine',
      () => {
        throw new Error("ENOENT: no such file or directory, open '/home/me/app/facts.json'");
      },
      "ENOENT: no such file or directory, open 'facts.json'",
    ],
    [
      'a file URL',
      () => {
        throw new Error('in file:///srv/x/y.ts:3');
      },
      'in y.ts:3',
    ],
    [
      'a Windows path',
      () => {
        throw new Error('open C:\\Users\\me\\facts.json failed');
      },
      'open facts.json failed',
    ],
    [
      'a web address, which stays',
      () => {
        throw new Error('GET https://example.org/v1/facts: 404');
      },
      'GET https://example.org/v1/facts: 404',
    ],
    [
      'a route, which stays',
      () => {
        throw new Error('POST /v1/messages: 404');
      },
      'POST /v1/messages: 404',
    ],
    [
      'an error without words',
      () => {
        throw new TypeError();
      },
      'TypeError',
    ],
    [
      'a string',
      () => {
        throw 'oops';
      },
      'oops',
    ],
    [
      'nothing',
      () => {
        throw undefined;
      },
      'it failed without saying why',
    ],
    [
      'what JSON cannot carry',
      () => {
        const circle: { self?: object } = {};
        circle.self = circle;
        return circle;
      },
      expect.stringMatching(/circular/i),
    ],
    ['a function', () => () => 1, expect.stringContaining('function')],
  ])('is a failure in one line for %s', async (_, run, message) => {
    expect(await answerOf(run as ToolSpec['run'])).toEqual(fail('tool-failed', message as string));
  });

  it('tells at most 500 characters of an error', async () => {
    const result = await answerOf(() => {
      throw new Error(`${'x'.repeat(498)}😀😀`);
    });
    expect(result.ok ? '' : result.failure.message).toHaveLength(500);
    expect(result.ok || result.failure.message.isWellFormed()).toBe(true);
  });
});

describe('a stopped job', () => {
  it('stops a tool that listens, whatever it throws', async () => {
    const controller = new AbortController();
    const waiting = answerOf(
      (_, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Error('socket closed')));
        }),
      controller.signal,
    );
    controller.abort();
    expect(await waiting).toMatchObject({ failure: { code: 'cancelled' } });
  });

  it('does not wait for a tool that never ends', async () => {
    const controller = new AbortController();
    const waiting = answerOf(() => new Promise(() => {}), controller.signal);
    controller.abort();
    expect(await waiting).toMatchObject({ failure: { code: 'cancelled' } });
  });

  it('starts no tool', async () => {
    let ran = false;
    expect(
      await answerOf(() => {
        ran = true;
        return 'x';
      }, AbortSignal.abort()),
    ).toMatchObject({ failure: { code: 'cancelled' } });
    expect(ran).toBe(false);
  });
});
