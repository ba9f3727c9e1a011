import { type Json, totalInputTokens, totalOutputTokens } from '../../core/index.ts';
import { type Draft, framesOf, streamPieces, type Told, toldOf } from '../openai/answer-text.ts';
import type { Answer, Frame, SimModel } from '../server/wire.ts';

/** What an answer says about itself beside its content. */
export interface ChatFacts {
  readonly model: SimModel;
  /** In ms since 1970. */
  readonly now: number;
  /** False where the client wants no thinking. */
  readonly showsThinking: boolean;
}

/** Writes an answer as one object. */
export function chatWhole(answer: Answer, facts: ChatFacts): Json {
  const { thinking, text, calls } = spoken(answer, facts);
  const message = {
    role: 'assistant',
    content: text,
    ...(thinking === '' ? {} : { thinking }),
    ...(calls.length === 0 ? {} : { tool_calls: calls.map(wireCall) }),
  };
  return { ...heading(facts), message, ...ending(answer) };
}

/** Writes an answer as lines of JSON. Each tool call comes whole. */
export function chatLines(answer: Answer, facts: ChatFacts): readonly Frame[] {
  const { thinking, text, calls } = spoken(answer, facts);
  const part = (message: { readonly [name: string]: Json }): Draft => ({
    text: line({ ...heading(facts), message: { role: 'assistant', content: '', ...message }, done: false }),
    carries: 'output',
  });
  const message = { role: 'assistant', content: '' };
  return framesOf(
    [
      ...streamPieces(thinking).map((piece) => part({ thinking: piece })),
      ...streamPieces(text).map((content) => part({ content })),
      ...calls.map((call, index) => part({ tool_calls: [wireCall(call, index)] })),
      { text: line({ ...heading(facts), message, ...ending(answer) }), carries: 'usage' },
    ],
    answer,
  );
}

/** Writes what an empty conversation is answered with: it only loads the model. */
export function loadedAnswer(facts: ChatFacts): Json {
  const message = { role: 'assistant', content: '' };
  return { ...heading(facts), message, done_reason: 'load', done: true };
}

function line(data: Json): string {
  return `${JSON.stringify(data)}\n`;
}

function heading({ model, now }: ChatFacts): { readonly [name: string]: Json } {
  return { model: model.name, created_at: new Date(now).toISOString() };
}

/** Ollama finds calls in what the model writes: broken ones it does not find, and they stay text. */
function spoken(answer: Answer, { showsThinking }: ChatFacts): Pick<Told, 'thinking' | 'text' | 'calls'> {
  const told = toldOf(answer);
  const isBroken = (call: Told['calls'][number]): boolean =>
    answer.breaksArguments || typeof call.input === 'string';
  const broken = told.calls
    .filter(isBroken)
    .map(({ name, argumentsText }) => `{"name": "${name}", "arguments": ${argumentsText}`);
  return {
    thinking: showsThinking ? told.thinking : '',
    text: [told.refusal ?? told.text, ...broken].filter((text) => text !== '').join('\n'),
    calls: told.calls.filter((call) => !isBroken(call)),
  };
}

function wireCall({ id, name, input }: Told['calls'][number], index: number): Json {
  return { id, function: { index, name, arguments: input } };
}

const nanosecondsPerMs = 1_000_000;
const msPerSecond = 1000;

/** The last word: why it ends, and what it took. Clients divide by durations, so none is 0. */
function ending({ reply, usage, delivery }: Answer): { readonly [name: string]: Json } {
  const evalCount = totalOutputTokens(usage);
  const { firstByteMs, tokensPerSecond } = delivery;
  const evalMs = tokensPerSecond === 0 ? 0 : (evalCount / tokensPerSecond) * msPerSecond;
  const promptDuration = Math.max(1, Math.round(firstByteMs * nanosecondsPerMs));
  const evalDuration = Math.max(1, Math.round(evalMs * nanosecondsPerMs));
  const isCut = reply.stop === 'output-limit' || reply.stop === 'context-full';
  return {
    done: true,
    done_reason: isCut ? 'length' : 'stop',
    total_duration: promptDuration + evalDuration,
    load_duration: 0,
    prompt_eval_count: totalInputTokens(usage),
    prompt_eval_duration: promptDuration,
    eval_count: evalCount,
    eval_duration: evalDuration,
  };
}
