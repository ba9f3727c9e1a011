import { type CountTokens, type Failure, noUsage, totalInputTokens, type Usage } from '../../core/index.ts';
import type { Accounts } from '../economy/accounts.ts';
import type { CachePlan, PromptCache } from '../economy/prompt-cache.ts';
import type { Admission, RateLimiter } from '../economy/rate-limits.ts';
import type { Brain, BrainReply, Thought } from './brain/brain.ts';
import { refusedReply, withWrongArguments } from './brain/lapse.ts';
import { type MeasuredReply, measureReply } from './brain/measure-reply.ts';
import type { Strike } from './faults.ts';
import type { Profile } from './profile.ts';
import type { Answer, Asked, Delivery, LimitState, Outcome, Refusal, SimModel, Simulation } from './wire.ts';

/** How a simulator behaves at the moment: a profile, and what was made of it. */
export interface Behaviour {
  readonly profile: Profile;
  readonly brain: Brain;
  readonly limiter: RateLimiter;
  strikeOf(asked: Asked): Strike;
}

/** What a simulation is put together from. */
export interface SimulationParts {
  /** Asked anew for each request: a profile may be replaced while the simulator runs. */
  behaviour(): Behaviour;
  readonly cache: PromptCache;
  readonly accounts: Accounts;
  readonly models: readonly SimModel[];
  readonly countTokens: CountTokens;
  now(): number;
  newId(prefix: string): string;
  /** Closes the connection of a call instead of answering it. */
  hangUp(signal: AbortSignal): void;
}

/** Makes what wires ask. Each request goes: key, faults, context, rate limits, prompt cache, brain. */
export function createSimulation(parts: SimulationParts): Simulation {
  const { models, accounts } = parts;
  const refuseKey = (key: string | null): Refusal | null => {
    const { keys } = parts.behaviour().profile;
    if (keys === null || (key !== null && keys.includes(key))) return null;
    accounts.refuse({ model: null, key }, 'bad-key');
    return refusalOf({ code: 'bad-key', said: 'this key is not valid' });
  };
  return {
    now: parts.now,
    newId: parts.newId,
    countTokens: parts.countTokens,
    models,
    findModel: (provider, name) => findModel(models, provider, name),
    refuseKey,
    async ask(asked) {
      const refusal = asked.model.provider === 'ollama' ? null : refuseKey(asked.key);
      return refusal === null ? await askWithKey(parts, asked) : { type: 'refused', refusal };
    },
    bill: ({ model, key, usage, batch }) => accounts.bill({ model, key }, usage, { batch, tier: 'standard' }),
  };
}

/** Providers also know models with a date behind their name, Ollama with the tag it would add itself. */
function findModel(models: readonly SimModel[], provider: string, name: string): SimModel | null {
  const ofProvider = models.filter((model) => model.provider === provider);
  const plain = name.replace(/-(\d{8}|\d{4}-\d{2}-\d{2})$|:latest$/, '');
  return (
    ofProvider.find((model) => model.name === name) ??
    ofProvider.find((model) => model.name === plain || model.name === `${name}:latest`) ??
    null
  );
}

async function askWithKey(parts: SimulationParts, asked: Asked): Promise<Outcome> {
  const behaviour = parts.behaviour();
  const startedMs = parts.now();
  const strike = behaviour.strikeOf(asked);
  const refuse = (refusal: Refusal): Outcome => {
    parts.accounts.refuse(asked, refusal.code);
    if (refusal.code === 'hangs-up') parts.hangUp(asked.signal);
    return { type: 'refused', refusal };
  };
  const promptTokens = asked.prompt.reduce((sum, { tokens }) => sum + tokens, 0);
  const limitsNow = behaviour.limiter.stateFor(asked, startedMs);
  if (strike.refusal !== null)
    return refuse(struck(strike.refusal, { asked, limits: limitsNow, promptTokens }));
  if (promptTokens >= asked.model.contextTokensMax)
    return refuse(overflow(asked.model, limitsNow, promptTokens));

  const plan = parts.cache.plan(asked, startedMs);
  const admission = behaviour.limiter.admit(asked, plan.usage, startedMs);
  if (admission.type === 'refused') return refuse({ ...admission.refusal, promptTokens });
  plan.read();

  const thought = await think(behaviour.brain, asked, strike);
  if (thought.type === 'failed') {
    admission.settle({ begun: false, outputTokens: 0 }, parts.now());
    if (asked.signal.aborted) return leftAlone(parts, asked);
    return refuse(refusalForFailure(thought.failure, admission.limits, promptTokens));
  }
  const measured = measureReply(thought.reply, limitOf(parts, asked, promptTokens));
  return {
    type: 'answered',
    answer: answerOf({ parts, asked, behaviour, strike, plan, admission, measured }),
  };
}

interface StruckRequest {
  readonly asked: Asked;
  readonly limits: LimitState;
  readonly promptTokens: number;
}

/** An overflow that never was still says a length that would have been one. */
function struck(
  refusal: NonNullable<Strike['refusal']>,
  { asked, limits, promptTokens }: StruckRequest,
): Refusal {
  const tooLong = refusal.code === 'context-overflow' ? asked.model.contextTokensMax + 1 : 0;
  return { ...refusal, limits, promptTokens: Math.max(promptTokens, tooLong) };
}

/** The client left while the brain was thinking: nobody hears what is answered. */
function leftAlone({ accounts }: SimulationParts, asked: Asked): Outcome {
  accounts.open(asked)(null);
  return { type: 'refused', refusal: refusalOf({ code: 'server-error', said: 'the client has left' }) };
}

function overflow({ contextTokensMax }: SimModel, limits: LimitState, promptTokens: number): Refusal {
  const said = `${promptTokens} tokens > ${contextTokensMax} maximum`;
  return refusalOf({ code: 'context-overflow', said, limits, promptTokens });
}

/** No output asked for: the request only warms the cache. */
async function think(brain: Brain, asked: Asked, { lapse }: Strike): Promise<Thought> {
  if (asked.request.outputTokensMax === 0) return { type: 'reply', reply: nothingSaid };
  if (lapse === 'refusal') return { type: 'reply', reply: refusedReply };
  const thought = await brain(asked);
  if (thought.type === 'failed' || lapse !== 'wrong-arguments') return thought;
  return { type: 'reply', reply: withWrongArguments(thought.reply, asked.request.tools) };
}

const nothingSaid: BrainReply = Object.freeze({ blocks: Object.freeze([]), stop: 'output-limit' });

function refusalForFailure({ code, message }: Failure, limits: LimitState, promptTokens: number): Refusal {
  const simCode = code === 'context-full' ? 'context-overflow' : 'server-error';
  return refusalOf({ code: simCode, said: message, limits, promptTokens });
}

function limitOf({ countTokens }: SimulationParts, { request, model }: Asked, promptTokens: number) {
  const room = model.contextTokensMax - promptTokens;
  const asked = Math.min(request.outputTokensMax, model.outputTokensMax);
  return room < asked
    ? { tokensMax: room, stop: 'context-full' as const, countTokens }
    : { tokensMax: asked, stop: 'output-limit' as const, countTokens };
}

interface AnswerParts {
  readonly parts: SimulationParts;
  readonly asked: Asked;
  readonly behaviour: Behaviour;
  readonly strike: Strike;
  readonly plan: CachePlan;
  readonly admission: Extract<Admission, { readonly type: 'admitted' }>;
  readonly measured: MeasuredReply;
}

function answerOf(answering: AnswerParts): Answer {
  const { strike, plan, admission, measured } = answering;
  const { reply, outputTokens, reasoningTokens } = measured;
  const usage: Usage = { ...noUsage, ...plan.usage, outputTokens, reasoningTokens };
  return {
    reply,
    // The least telling of Anthropic's words for why; OpenAI's wires have none.
    refusal: reply.stop === 'refused' ? 'general_harms' : null,
    usage,
    limits: admission.limits,
    breaksArguments: strike.lapse === 'broken-arguments',
    delivery: deliveryOf(answering, usage),
  };
}

function deliveryOf(
  { parts, asked, behaviour, strike, plan, admission }: AnswerParts,
  usage: Usage,
): Delivery {
  const { firstTokenMs, promptTokensPerSecond, tokensPerSecond } = behaviour.profile.speed;
  const readAnew = totalInputTokens(usage) - plan.usage.cacheReadTokens;
  const readingMs = promptTokensPerSecond === 0 ? 0 : (readAnew / promptTokensPerSecond) * 1000;
  const book = parts.accounts.open(asked);
  let begun = false;
  let settled = false;
  return {
    firstByteMs: firstTokenMs + readingMs + strike.waitMs,
    tokensPerSecond,
    mishap: strike.mishap,
    usage,
    begun() {
      if (!begun) plan.write();
      begun = true;
    },
    settle(told) {
      if (settled) return;
      settled = true;
      book(told, plan.readableTokens);
      const outputTokens = told === null ? 0 : told.outputTokens + told.reasoningTokens;
      admission.settle({ begun, outputTokens }, parts.now());
    },
  };
}

function refusalOf(refusal: Pick<Refusal, 'code' | 'said'> & Partial<Refusal>): Refusal {
  return { retryAfterS: null, limits: null, promptTokens: 0, ...refusal };
}
