import { isJsonObject, type Json, type ModelRequest } from '../../core/index.ts';
import { toolEffectOf } from '../server/tool-effect.ts';
import type { Answer, Asked, CacheWish, HttpAnswer, HttpCall, SimModel, Simulation } from '../server/wire.ts';
import {
  badKey,
  type Checked,
  invalid,
  missingKey,
  passed,
  problemAnswer,
  refusalAnswer,
} from './problem.ts';
import { type Item, promptOf, readConversation } from './request/conversation.ts';
import { type Format, outputOf } from './request/format.ts';
import type { OfferedFunction } from './request/functions.ts';
import { effortOf } from './request/settings.ts';

/** A generation request read from either wire. */
export interface Wanted {
  readonly model: SimModel;
  readonly wire: 'chat' | 'responses';
  readonly key: string;
  readonly items: readonly Item[];
  /** Every function of the request: they are all part of the prompt. */
  readonly functions: readonly OfferedFunction[];
  /** Those that the tool choice lets the model call. */
  readonly callable: readonly OfferedFunction[];
  readonly format: Format;
  readonly effort: Parameters<typeof effortOf>[0];
  readonly outputTokensMax: number;
  readonly caching: CacheWish;
  readonly tier: Asked['tier'];
}

/** Asks the simulator: gives its answer, or what is told instead of one. */
export async function ask(
  wanted: Wanted,
  simulation: Simulation,
  signal: AbortSignal,
): Promise<
  { readonly ok: true; readonly answer: Answer } | { readonly ok: false; readonly told: HttpAnswer }
> {
  const { model, wire } = wanted;
  const outcome = await simulation.ask({
    model,
    wire,
    key: wanted.key,
    request: requestOf(wanted),
    prompt: promptParts(wanted, simulation),
    caching: wanted.caching,
    batch: false,
    tier: wanted.tier,
    signal,
  });
  if (outcome.type === 'answered') return { ok: true, answer: outcome.answer };
  const told = refusalAnswer(outcome.refusal, {
    model: model.name,
    contextTokensMax: model.contextTokensMax,
    promptParam: wire === 'chat' ? 'messages' : 'input',
    now: simulation.now(),
  });
  return { ok: false, told };
}

/** Lists what the provider reads of a request. */
export function promptParts(
  { functions, format, items }: Pick<Wanted, 'functions' | 'format' | 'items'>,
  simulation: Simulation,
): Asked['prompt'] {
  const schema = format.type === 'json_schema' ? { name: format.name, schema: format.schema } : null;
  const prelude = { tools: functions.map(({ written }) => written), format: schema };
  return promptOf(prelude, items, (text) => simulation.countTokens(text));
}

function requestOf(wanted: Wanted): ModelRequest {
  const output = outputOf(wanted.format);
  return {
    // One lane for all: whose request it is, no wire tells.
    lane: 'simulator',
    tools: wanted.callable.map(({ name, description, parameters }) => ({
      name,
      purpose: description,
      inputSchema: parameters,
      effect: toolEffectOf(name, description),
    })),
    ...readConversation(wanted.items),
    outputTokensMax: wanted.outputTokensMax,
    ...effortOf(wanted.effort),
    ...(output === null ? {} : { output }),
  };
}

/** Lets a request in: its key first, then its body. */
export function admit(
  call: HttpCall,
  simulation: Simulation,
): { readonly ok: true; readonly value: Admitted } | { readonly ok: false; readonly told: HttpAnswer } {
  const key = bearerOf(call);
  const refused = refusedKey(key, simulation);
  if (refused !== null) return { ok: false, told: refused };
  const body = bodyOf(call);
  return body.ok
    ? { ok: true, value: { key: key ?? '', body: body.value } }
    : { ok: false, told: problemAnswer(body.problem) };
}

/** A request that was let in. */
export interface Admitted {
  readonly key: string;
  readonly body: { readonly [name: string]: Json };
}

/** Says why a key does not open the door; null when it does. */
export function refusedKey(key: string | null, simulation: Simulation): HttpAnswer | null {
  const refusal = simulation.refuseKey(key);
  if (refusal === null) return null;
  if (refusal.code === 'bad-key') return problemAnswer(key === null ? missingKey : badKey);
  const request = { model: 'this model', contextTokensMax: 0, promptParam: 'messages' };
  return refusalAnswer(refusal, { ...request, now: simulation.now() });
}

/** The key of a request, as every client of this wire sends it. */
export function bearerOf({ headers }: HttpCall): string | null {
  return /^Bearer\s+(\S+)$/i.exec(headers['authorization'] ?? '')?.[1] ?? null;
}

/** The body of a request, when it is a JSON object. */
export function bodyOf({ body }: HttpCall): Checked<{ readonly [name: string]: Json }> {
  if (isJsonObject(body)) return passed(body);
  return invalid(
    'We could not parse the JSON body of your request. The OpenAI API expects a JSON payload, but what was sent was not a JSON object.',
  );
}

/** Headers of every answer of a generation. */
export function answerHeaders(requestId: string, more: Readonly<Record<string, string>> = {}) {
  return { 'x-request-id': requestId, 'openai-organization': 'org-simulated', ...more };
}
