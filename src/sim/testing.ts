import { type Clock, isJsonObject, type Json } from '../core/index.ts';
import { openSimulator, type Simulator } from './server/open-simulator.ts';
import { parseProfile } from './server/parse-profile.ts';
import type { Answer, Asked, Frame, HttpAnswer, OpenWire, PromptPart, SimModel } from './server/wire.ts';

/** A model for tests of the simulator, with round limits. */
export function simModel(id = 'anthropic/claude-sonnet-5'): SimModel {
  const [provider, name = ''] = id.split('/');
  return {
    provider: provider as SimModel['provider'],
    name,
    contextTokensMax: 100_000,
    outputTokensMax: 8_000,
  };
}

/** A part of a prompt for tests: `part('brief', 1000, { mark: 'short' })`. */
export function part(content: string, tokens: number, more: Partial<PromptPart> = {}): PromptPart {
  const plain = { mark: null, run: null, cacheable: true, endsMessage: false };
  return { level: 'messages', content, tokens, ...plain, ...more };
}

/** A request for tests, of nothing but a prompt where nothing else is said. */
export function asked(prompt: readonly PromptPart[], more: Partial<Asked> = {}): Asked {
  return {
    model: simModel(),
    wire: 'test',
    key: 'key-a',
    request: { lane: '', tools: [], system: [], messages: [], outputTokensMax: 8_000 },
    prompt,
    caching: { automatic: null, salts: { tools: '', system: '', messages: '' }, partition: '' },
    batch: false,
    tier: 'standard',
    signal: new AbortController().signal,
    ...more,
  };
}

/** Counts words: what a test says can be counted by whoever reads it. */
export function countWords(text: string): number {
  return text.split(/\s+/).filter((word) => word !== '').length;
}

/** A clock that stands still until a test moves it. `sleeping` says how many wait for it. */
export interface StillClock extends Clock {
  sleeping(): number;
  advance(ms: number): void;
}

/** Makes a clock that a test moves. */
export function stillClock(startMs = 1_000_000): StillClock {
  let nowMs = startMs;
  const sleepers = new Set<{ readonly untilMs: number; readonly wake: () => void }>();
  return {
    now: () => nowMs,
    sleeping: () => sleepers.size,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        const sleeper = { untilMs: nowMs + ms, wake };
        function wake(): void {
          sleepers.delete(sleeper);
          resolve();
        }
        if (signal.aborted) return resolve();
        sleepers.add(sleeper);
        signal.addEventListener('abort', wake, { once: true });
      }),
    advance(ms) {
      nowMs += ms;
      for (const { untilMs, wake } of sleepers) if (untilMs <= nowMs) wake();
    },
  };
}

/**
 * The smallest wire: `POST /talk` takes a prompt in words, and tells an answer word by word, a line of JSON for each.
 * The first line says what went in, the last one what came out as well.
 */
export const tinyWire: OpenWire = (simulation) => [
  {
    method: 'POST',
    path: '/talk',
    async answer({ body, headers, signal }) {
      const talk: TinyTalk = isJsonObject(body) ? body : {};
      const model = simulation.findModel('anthropic', talk.model ?? 'claude-sonnet-5');
      if (model === null) return whole(404, { code: 'no-such-model' });
      const key = headers['x-key'] ?? '';
      const refusal = simulation.refuseKey(key);
      if (refusal !== null) return whole(401, { code: refusal.code });
      const outcome = await simulation.ask(readTalk(talk, asked([], { model, key, signal })));
      if (outcome.type === 'refused') return whole(400, { ...outcome.refusal } as unknown as Json);
      return talk.stream === true ? streamed(outcome.answer) : told(outcome.answer);
    },
  },
];

/** What a request says. Its prompt is one part, of as many tokens as `say` has words. */
interface TinyTalk {
  readonly model?: string;
  readonly say?: string;
  readonly stream?: boolean;
  readonly batch?: boolean;
  readonly cache?: boolean;
  /** Replies that the model has given before, each answered by a tool's result. */
  readonly turns?: number;
  readonly outputTokensMax?: number;
}

function readTalk({ say: text = '', turns = 0, ...talk }: TinyTalk, base: Asked): Asked {
  const past = Array.from({ length: turns }, () => [
    { role: 'assistant' as const, blocks: [{ type: 'text' as const, text: 'And?' }] },
    { role: 'user' as const, blocks: [{ type: 'tool-result' as const, id: 'x', text: 'ok', failed: false }] },
  ]).flat();
  return {
    ...base,
    batch: talk.batch ?? false,
    caching: { ...base.caching, automatic: talk.cache === true ? 'short' : null },
    prompt: [part(text, countWords(text))],
    request: {
      ...base.request,
      tools: [{ name: 'look', purpose: 'Looks.', inputSchema: lookSchema, effect: 'read' }],
      messages: [{ role: 'user', blocks: [{ type: 'text', text }] }, ...past],
      outputTokensMax: talk.outputTokensMax ?? 8_000,
    },
  };
}

const lookSchema = {
  type: 'object',
  properties: { at: { type: 'string' }, how: { type: 'object' } },
  required: ['at', 'how'],
};

function whole(status: number, body: Json): HttpAnswer {
  return { type: 'whole', status, headers: {}, body };
}

function told({ reply, usage, limits, breaksArguments, delivery }: Answer): HttpAnswer {
  const body = { ...reply, usage, limits, breaksArguments } as unknown as Json;
  return { type: 'whole', status: 200, headers: {}, body, delivery };
}

function streamed({ reply, usage, delivery }: Answer): HttpAnswer {
  const words = reply.blocks.flatMap((block) => (block.type === 'text' ? block.text.split(/\s+/) : []));
  const line = (value: Json, more: Omit<Frame, 'text'>): Frame => ({
    text: `${JSON.stringify(value)}\n`,
    ...more,
  });
  const frames = [
    line({ type: 'begun' }, { tokens: 0, reports: { ...usage, outputTokens: 0, reasoningTokens: 0 } }),
    ...words.filter((word) => word !== '').map((word) => line({ word }, { tokens: 1 })),
    line({ type: 'ended' }, { tokens: 0, reports: usage }),
  ];
  const headers = { 'content-type': 'application/x-ndjson' };
  const overloadedFrame = line({ type: 'overloaded' }, { tokens: 0 });
  return { type: 'stream', status: 200, headers, frames, overloadedFrame, delivery };
}

/** Opens a simulator that speaks the tiny wire. Input costs 2 and output 10 micro-USD a word, cache 0.2, 2.5 and 4. */
export async function openTiny(profile: Json, clock: Clock = stillClock()): Promise<Simulator> {
  const parsed = parseProfile(profile);
  if (!parsed.ok) throw new Error(parsed.failure.message);
  return await openSimulator({
    profile: parsed.value,
    wires: [tinyWire],
    models: [simModel(), simModel('anthropic/claude-opus-5')],
    countTokens: countWords,
    clock,
    priceOf: (id) => (id === 'anthropic/claude-sonnet-5' ? tinyPrice : null),
    cachePrefixTokensMin: () => 10,
  });
}

/** Micro-USD per million words. */
export const tinyPrice = Object.freeze({
  inputMicroUsd: 2_000_000,
  cacheReadMicroUsd: 200_000,
  cacheWrite5mMicroUsd: 2_500_000,
  cacheWrite1hMicroUsd: 4_000_000,
  outputMicroUsd: 10_000_000,
});
