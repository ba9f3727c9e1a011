import { describe, expect, it } from 'vitest';
import {
  type CacheLife,
  type Model,
  type ModelRequest,
  type SystemBlock,
  staticHash,
  type ToolDefinition,
} from '../../core/index.ts';
import { say, scriptedModel } from '../testing.ts';
import { type LeapClock, leapClock, outcomeOf, plainRequest } from './testing.ts';
import { warmed } from './warmed.ts';
import { createWarmth } from './warmth.ts';

const id = 'anthropic/claude-sonnet-5';
const look: ToolDefinition = { name: 'look', purpose: 'Looks.', inputSchema: {}, effect: 'read' };

function system(...blocks: readonly (readonly [text: string, mark?: CacheLife])[]): readonly SystemBlock[] {
  return blocks.map(([text, cacheMark], index) => ({
    id: `block-${index}`,
    stability: 'release',
    text,
    ...(cacheMark === undefined ? {} : { cacheMark }),
  }));
}

function asking(more: Partial<ModelRequest> = {}): ModelRequest {
  return { ...plainRequest, tools: [look], system: system(['memory', 'short']), ...more };
}

/** A provider that begins after a second and answers after ten, and remembers when it was asked. */
function slowProvider(clock: LeapClock, fails: (call: number) => boolean = () => false) {
  const startMs = clock.now();
  const askedAt: number[] = [];
  const inner = scriptedModel(() => say('Hi.'), { id });
  const model: Model = {
    ...inner,
    async *stream(request, signal) {
      askedAt.push(clock.now() - startMs);
      const call = askedAt.length;
      await clock.sleep(1_000, signal);
      if (fails(call))
        return yield {
          type: 'end',
          end: { type: 'failed', failure: { code: 'provider-down', message: 'Down.' } },
        };
      yield { type: 'begun' };
      await clock.sleep(9_000, signal);
      for await (const event of inner.stream(request, signal)) if (event.type !== 'begun') yield event;
    },
  };
  return { model, askedAt };
}

interface Opened {
  readonly fails?: (call: number) => boolean;
  readonly tokensOf?: (request: ModelRequest) => number;
  readonly isWorthWaiting?: boolean;
}

function open({ fails, tokensOf = () => 5_000, isWorthWaiting = true }: Opened = {}) {
  const clock = leapClock();
  const { model, askedAt } = slowProvider(clock, fails);
  const warmth = createWarmth(clock);
  const options = { warmth, job: 'job', isWorthWaiting, tokensOf };
  const guarded = warmed(model, options);
  const ask = (...requests: readonly ModelRequest[]) =>
    clock.finish(Promise.all(requests.map((request) => outcomeOf(guarded, { request }))));
  return { clock, warmth, guarded, askedAt, ask };
}

describe('a warmed prefix', () => {
  it('is written by the first of several siblings, and the others start at its first byte', async () => {
    const { ask, askedAt } = open();
    await ask(asking(), asking(), asking());
    expect(askedAt).toEqual([0, 1_000, 1_000]);
  });

  it('lets everybody through while it is warm, measured from the start of its last use', async () => {
    const { clock, ask, askedAt } = open();
    await ask(asking());
    await clock.advance(4 * 60_000);
    const aMs = clock.now();
    await ask(asking(), asking());
    await clock.advance(5 * 60_000 - (clock.now() - aMs) - 1);
    await ask(asking(), asking());
    const bMs = askedAt.at(-1) ?? 0;
    expect(askedAt).toEqual([0, 250_000, 250_000, bMs, bMs]);
    await clock.advance(5 * 60_000 - 10_000);
    await ask(asking(), asking());
    expect((askedAt.at(-1) ?? 0) - (askedAt.at(-2) ?? 0)).toBe(1_000);
  });

  it('stays warm for an hour where it is marked so', async () => {
    const { clock, ask, askedAt } = open();
    const long = asking({ system: system(['memory', 'long']) });
    await ask(long);
    await clock.advance(50 * 60_000);
    await ask(long, long);
    expect(askedAt.at(-1)).toBe(askedAt.at(-2));
  });

  it('is taken over when whoever wrote it failed before it began', async () => {
    const { ask, askedAt } = open({ fails: (call) => call === 1 });
    await ask(asking(), asking(), asking());
    expect(askedAt).toEqual([0, 1_000, 2_000]);
  });

  it('is taken over when whoever wrote it was cancelled', async () => {
    const { clock, guarded, askedAt } = open();
    const caller = new AbortController();
    const first = outcomeOf(guarded, { request: asking(), signal: caller.signal });
    const second = outcomeOf(guarded, { request: asking() });
    await clock.settle();
    caller.abort();
    await clock.finish(Promise.all([first, second]));
    expect(askedAt).toEqual([0, 0]);
  });

  it('is not waited for longer than half a minute', async () => {
    const { clock, warmth, ask, askedAt } = open();
    const key = `${id} ${staticHash({ tools: [look], system: system(['memory', 'short']) })}`;
    const stuck = warmth.enter([{ key, keptMs: 1 }], new AbortController().signal);
    expect(stuck).toMatchObject({ ok: true });
    const startMs = clock.now();
    await ask(asking());
    expect(askedAt).toEqual([30_000]);
    expect(clock.now() - startMs).toBe(40_000);
  });

  it('is no longer waited for once the signal fires', async () => {
    const { clock, guarded, askedAt } = open();
    const caller = new AbortController();
    const first = outcomeOf(guarded, { request: asking() });
    const second = outcomeOf(guarded, { request: asking(), signal: caller.signal });
    await clock.settle();
    caller.abort();
    expect((await second).end).toMatchObject({ failure: { code: 'cancelled' } });
    await clock.finish(first);
    expect(askedAt).toEqual([0]);
  });

  it('is shared by agents with the same tools and memory, and each then writes its own part', async () => {
    const { ask, askedAt } = open();
    const agent = (prompt: string) => asking({ system: system(['memory', 'short'], [prompt, 'short']) });
    await ask(agent('A'), agent('B'), agent('B'));
    expect(askedAt).toEqual([0, 1_000, 2_000]);
  });

  it('is nobody else’s: other tools, another answer schema, another text never wait', async () => {
    const { ask, askedAt } = open();
    await ask(
      asking(),
      asking({ tools: [] }),
      asking({ output: { name: 'answer', schema: { type: 'object' } } }),
      asking({ system: system(['other memory', 'short']) }),
      asking({ system: system(['memory']) }),
      asking({
        system: system(['memory', 'short'], ['prompt']),
        output: { name: 'answer', schema: { type: 'array' } },
      }),
    );
    expect(askedAt).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('below the model’s minimum is no prefix, and costs a count only once', async () => {
    let counts = 0;
    const { ask, askedAt } = open({
      tokensOf() {
        counts += 1;
        return 1_023;
      },
    });
    await ask(asking(), asking(), asking());
    expect(askedAt).toEqual([0, 0, 0]);
    expect(counts).toBe(1);
  });

  it('is not waited for where writing costs nothing', async () => {
    const { ask, askedAt } = open({ isWorthWaiting: false });
    await ask(asking(), asking());
    expect(askedAt).toEqual([0, 0]);
  });

  it('is named as a cache policy is asked about it', () => {
    const { warmth } = open();
    const request = asking({
      system: system(['memory', 'short'], ['prompt', 'short']),
      output: { name: 'answer', schema: { type: 'object' } },
    });
    const { tools } = request;
    const { whole, marked } = warmth.prefixesOf(request);
    expect(whole).toBe(staticHash(request));
    expect(marked.map(({ hash }) => hash)).toEqual([
      staticHash({ tools, system: request.system.slice(0, 1) }),
      whole,
    ]);
    expect(warmth.prefixesOf({ ...request, lane: 'b' })).toBe(warmth.prefixesOf(request));
  });
});
