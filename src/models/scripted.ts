import {
  type AssistantBlock,
  type Failure,
  type FailureCode,
  failure,
  type Json,
  type Model,
  type ModelEnd,
  type ModelEvent,
  type ModelRequest,
  type RateLimits,
  type StopReason,
  type Usage,
} from '../core/index.ts';
import { cancelled } from './wire/provider-call.ts';

/** One reply of a script. Made by `say`, `callTool`, `callTools`, `failWith` and `neverAnswer`. */
export type ScriptEntry =
  | {
      readonly type: 'reply';
      readonly text: string;
      readonly reasoning: string;
      readonly calls: readonly ScriptedCall[];
      readonly stop?: StopReason;
      readonly usage?: Usage;
      readonly limits?: RateLimits;
    }
  | ({ readonly type: 'failed'; readonly failure: Failure } & FailureDetails)
  | ({ readonly type: 'silent' } & SilenceDetails);

/** A tool call in a script. `id` is made up when absent: `call-<reply>-<position>`, both from 1. */
export interface ScriptedCall {
  readonly name: string;
  readonly input: Json;
  readonly id?: string;
}

/** What may go with a scripted reply. */
export interface ReplyDetails {
  readonly text?: string;
  readonly reasoning?: string;
  /** `tool-calls` where there are calls, else `done`. */
  readonly stop?: StopReason;
  /** A quarter of the characters in and out when absent, nothing cached. */
  readonly usage?: Usage;
  /** What the headers say, told as the answer begins. */
  readonly limits?: RateLimits;
}

/** What may go with a scripted failure. */
export interface FailureDetails {
  /** The text that had come when it failed: then the answer had begun. */
  readonly after?: string;
  /** What it cost all the same. */
  readonly usage?: Usage;
  /** What it may have cost beyond that. */
  readonly estimate?: Usage;
  /** What the headers say. */
  readonly limits?: RateLimits;
}

/** What may go with a scripted silence. */
export interface SilenceDetails {
  /** The text that had come before: then the answer had begun. */
  readonly after?: string;
}

/** Replies in order, or a function that makes them. `call` counts from 1. */
export type Script = readonly ScriptEntry[] | ((request: ModelRequest, call: number) => ScriptEntry);

/** A model that says what a test wrote, and remembers what it was asked. */
export interface ScriptedModel extends Model {
  /** Every request so far, in order: frozen copies. */
  readonly requests: readonly ModelRequest[];
  /** Throws when replies were left over or asked for beyond the script's end. */
  expectExhausted(): void;
}

/** How a scripted model presents itself. */
export interface ScriptedOptions {
  readonly id?: string;
  readonly contextTokensMax?: number;
}

/** Answers with text. */
export function say(text: string, details: Omit<ReplyDetails, 'text'> = {}): ScriptEntry {
  return { type: 'reply', reasoning: '', calls: [], ...details, text };
}

/** Answers with one tool call. */
export function callTool(
  name: string,
  input: Json,
  details: ReplyDetails & { readonly id?: string } = {},
): ScriptEntry {
  const { id, ...rest } = details;
  return callTools([{ name, input, ...(id === undefined ? {} : { id }) }], rest);
}

/** Answers with several tool calls at once. */
export function callTools(calls: readonly ScriptedCall[], details: ReplyDetails = {}): ScriptEntry {
  return { type: 'reply', text: '', reasoning: '', ...details, calls };
}

/** Fails the call, at once or in the middle of an answer. A bare usage is what it cost all the same. */
export function failWith(reason: Failure | FailureCode, more: FailureDetails | Usage = {}): ScriptEntry {
  const whole = typeof reason === 'string' ? failure(reason, `The script says: ${reason}.`) : reason;
  return { type: 'failed', failure: whole, ...('inputTokens' in more ? { usage: more } : more) };
}

/** Says nothing, or nothing more, until the call is cancelled. */
export function neverAnswer(details: SilenceDetails = {}): ScriptEntry {
  return { type: 'silent', ...details };
}

/** Makes a model for tests that answers from a script, whoever asks. */
export function scriptedModel(script: Script, options: ScriptedOptions = {}): ScriptedModel {
  const part = createPart('script', script);
  return joinedModel([part], () => part, options);
}

/**
 * Makes one model for a whole team: each agent has a script of its own.
 * The last part of a request's lane that names a script chooses it: `lead/turn-1/call-0/extractor` → `extractor`.
 */
export function scriptedTeam(
  scripts: Readonly<Record<string, Script>>,
  options: ScriptedOptions = {},
): ScriptedModel {
  const parts = new Map(Object.entries(scripts).map(([name, script]) => [name, createPart(name, script)]));
  const stranger = createPart('an agent without a script', []);
  const partOf = ({ lane }: ModelRequest) => {
    const name = lane.split('/').findLast((segment) => parts.has(segment));
    return (name === undefined ? undefined : parts.get(name)) ?? stranger;
  };
  return joinedModel([...parts.values(), stranger], partOf, options);
}

/** One script and how far it has been read. */
interface ScriptPart {
  next(request: ModelRequest): { readonly entry: ScriptEntry; readonly call: number };
  problems(): readonly string[];
}

function createPart(name: string, script: Script): ScriptPart {
  const beyond: string[] = [];
  let asked = 0;
  return {
    next(request) {
      asked += 1;
      if (typeof script === 'function') return { entry: script(request, asked), call: asked };
      const entry = script[asked - 1];
      if (entry !== undefined) return { entry, call: asked };
      beyond.push(request.lane);
      const message = `The script of ${name} has ${script.length} replies, but lane "${request.lane}" asked for number ${asked}.`;
      return {
        entry: failWith(failure('request-rejected', `${message} Add one, or find out who asks too often.`)),
        call: asked,
      };
    },
    problems() {
      const unused = typeof script === 'function' ? 0 : script.length - asked;
      if (unused > 0) return [`${name}: ${unused} of ${script.length} replies were never asked for`];
      return beyond.map(
        (lane) => `${name}: lane "${lane}" asked for more than the ${script.length} replies there are`,
      );
    },
  };
}

function joinedModel(
  parts: readonly ScriptPart[],
  partOf: (request: ModelRequest) => ScriptPart,
  { id = 'scripted/model', contextTokensMax = 200_000 }: ScriptedOptions,
): ScriptedModel {
  const requests: ModelRequest[] = [];

  async function* stream(request: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelEvent> {
    if (signal.aborted) return yield endOf({ type: 'failed', failure: cancelled() });
    const kept = deepFrozen(structuredClone(request));
    requests.push(kept);
    const { entry, call } = partOf(kept).next(kept);
    yield* events(entry, { request: kept, call, id, signal });
  }

  function expectExhausted(): void {
    const problems = parts.flatMap((part) => part.problems());
    if (problems.length > 0) throw new Error(`The script and the run differ:\n- ${problems.join('\n- ')}`);
  }

  return { id, contextTokensMax, requests, stream, expectExhausted };
}

interface Asked {
  readonly request: ModelRequest;
  readonly call: number;
  readonly id: string;
  readonly signal: AbortSignal;
}

async function* events(entry: ScriptEntry, asked: Asked): AsyncGenerator<ModelEvent> {
  if (entry.type === 'reply') return yield* answered(entry, asked);
  if (entry.after !== undefined) {
    yield begun(entry.type === 'failed' ? entry.limits : undefined);
    if (entry.after !== '') yield { type: 'text', text: entry.after };
  }
  if (entry.type === 'silent') {
    await fired(asked.signal);
    return yield endOf({ type: 'failed', failure: cancelled() });
  }
  const { after: _, ...end } = entry;
  yield endOf(end);
}

async function* answered(entry: ScriptedReply, asked: Asked): AsyncGenerator<ModelEvent> {
  yield begun(entry.limits);
  if (entry.reasoning !== '') yield { type: 'reasoning', text: entry.reasoning };
  if (entry.text !== '') yield { type: 'text', text: entry.text };
  // The reader may have cancelled between two events, as it may with a real model.
  yield endOf(asked.signal.aborted ? { type: 'failed', failure: cancelled() } : replyOf(entry, asked));
}

function begun(limits: RateLimits | undefined): ModelEvent {
  return { type: 'begun', ...(limits === undefined ? {} : { limits }) };
}

type ScriptedReply = Extract<ScriptEntry, { readonly type: 'reply' }>;

function replyOf(entry: ScriptedReply, { request, call, id }: Asked): ModelEnd {
  const calls = entry.calls.map(({ name, input, id: own }, position): AssistantBlock => {
    return { type: 'tool-call', id: own ?? `call-${call}-${position + 1}`, name, input };
  });
  const blocks: AssistantBlock[] = [
    ...(entry.text === '' ? [] : [{ type: 'text' as const, text: entry.text }]),
    ...calls,
  ];
  const stop = entry.stop ?? (calls.length > 0 ? 'tool-calls' : 'done');
  return {
    type: 'reply',
    reply: { blocks, stop, usage: entry.usage ?? roughUsage(request, blocks), model: id },
  };
}

/** A quarter of the characters: near enough for tests, and the same everywhere. */
function roughUsage(request: ModelRequest, blocks: readonly AssistantBlock[]): Usage {
  const { tools, system, messages } = request;
  return {
    inputTokens: Math.ceil(JSON.stringify([tools, system, messages]).length / 4),
    cacheReadTokens: 0,
    cacheWrite5mTokens: 0,
    cacheWrite1hTokens: 0,
    outputTokens: Math.ceil(JSON.stringify(blocks).length / 4),
    reasoningTokens: 0,
  };
}

function endOf(end: ModelEnd): ModelEvent {
  return { type: 'end', end };
}

function fired(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function deepFrozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const member of Object.values(value)) deepFrozen(member);
    Object.freeze(value);
  }
  return value;
}
