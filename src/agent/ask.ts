import { requestHash } from '../context/index.ts';
import {
  type Attempt,
  type ContextBlock,
  interruption,
  type Json,
  type ModelEnd,
  type ModelRequest,
  noUsage,
  ok,
  type Reply,
  type Result,
  type Run,
  recalled,
  type Spending,
  type StepOutcome,
  type Stepped,
  stoppable,
  type Usage,
} from '../core/index.ts';
import { isReply } from './is-reply.ts';
import { createTurnstile } from './turnstile.ts';

/** One question to a model, and where it is recorded. */
export interface Question {
  readonly request: ModelRequest;
  readonly agent: string;
  /** An alias or an id that the run resolves. */
  readonly model: string;
  /** The turn's key; the question is recorded as `<key>/model`. */
  readonly key: string;
  readonly contextTokens: number;
  /** The request's identity, where it is known already: `requestHash`. */
  readonly inputHash?: string;
  /** Says what filled the window, once it is known what was cached of it. */
  readonly context?: (usage: Usage) => readonly ContextBlock[];
}

/** Asks a model once, as a step: a recorded reply is given again without asking. Every attempt is accounted for. */
export async function ask(question: Question, run: Run): Promise<Result<Reply>> {
  const { request, key, inputHash = requestHash(request) } = question;
  const atRisk = { agent: question.agent, model: run.model(question.model).id, usage: worstOf(question) };
  const spec = { kind: 'model', replay: 'safe', inputHash, atRisk } as const;
  const stepped = await run.journal.step<Json>(`${key}/model`, spec, () => answered(question, run));
  const reply = recalled(stepped.result, `${key}/model`, isReply);
  account(question, { ...stepped, reply }, run);
  return reply;
}

/** As if nothing came from a cache and all output allowed were used. */
function worstOf({ request, contextTokens }: Question): Usage {
  const { outputTokensMax, thinkingTokensMax = 0 } = request;
  return { ...noUsage, inputTokens: contextTokens, outputTokens: outputTokensMax + thinkingTokensMax };
}

/** A stopped call still says what it cost, if it does so soon. */
const graceMs = 1_000;

/**
 * Of this process, as the event loop is. Replies that come in a crowd go on in groups: a group is recorded and asks its
 * next question before the one behind it is looked at. Through every stage together, all would be as late as the last,
 * and the next replies would come as an even larger crowd. The smaller the group, the sooner a crowd is spread; but each
 * is a commit. Two turns are one for the work and one to commit it.
 */
const replies = createTurnstile({ groupMax: 24, turnsApart: 2 });

async function answered(question: Question, run: Run): Promise<StepOutcome<Json>> {
  const { signal, clock } = run;
  const end = await stoppable<ModelEnd>(() => lastEvent(question, run), signal, {
    graceful: () => clock.sleep(graceMs, new AbortController().signal),
    // Whoever does not say what it used may have used the most it could.
    instead: () => ({ type: 'failed', failure: interruption(signal), estimate: worstOf(question) }),
  });
  const waiting = replies.pass();
  if (waiting !== null) await waiting;
  const spent = spendingOf(end, question, run);
  if (end.type === 'reply') return { result: ok(end.reply as unknown as Json), spent };
  // A model only knows that it was stopped; why is what the signal says.
  const failure = end.failure.code === 'cancelled' && signal.aborted ? interruption(signal) : end.failure;
  return { result: { ok: false, failure }, spent };
}

async function lastEvent({ request, model, agent, key }: Question, run: Run): Promise<ModelEnd> {
  for await (const event of run.model(model).stream(request, run.signal)) {
    switch (event.type) {
      case 'end':
        return event.end;
      case 'retried':
        run.emit({ ...event, type: 'model-retried', agent, key });
        break;
      case 'fell-back':
        run.emit({ ...event, type: 'model-fell-back', agent, key });
        break;
      case 'text':
        run.tell({ type: 'text', agent, key, text: event.text });
        break;
      case 'retracted':
        run.tell({ type: 'retracted', agent, key });
        break;
      default:
      // What a model thinks is for nobody.
    }
  }
  throw new Error(`Model ${run.model(model).id} broke its contract: its stream ended without an end`);
}

function spendingOf(end: ModelEnd, { agent, model }: Question, run: Run): readonly Spending[] {
  return [...(end.attempts ?? []), ...lastAttempt(end, run.model(model).id)].map((attempt) => ({
    agent,
    ...attempt,
  }));
}

function lastAttempt(end: ModelEnd, model: string): readonly Attempt[] {
  if (end.type === 'reply') return [{ model: end.reply.model, usage: end.reply.usage }];
  const { usage, estimate } = end;
  if (usage === undefined && estimate === undefined) return [];
  return [{ model, usage: usage ?? noUsage, ...(estimate === undefined ? {} : { estimate }) }];
}

interface Asked extends Pick<Stepped<Json>, 'spent' | 'replayed'> {
  readonly reply: Result<Reply>;
}

/** One event for each call that was billed. What only an answer has (its timing, its context) goes with the last. */
function account(question: Question, { spent, replayed, reply }: Asked, run: Run): void {
  const { key, contextTokens, context } = question;
  for (const [position, { agent, model, usage, estimate }] of spent.entries()) {
    const answer = reply.ok && position === spent.length - 1 ? reply.value : null;
    run.emit({
      type: 'model-called',
      agent,
      key,
      model,
      usage,
      costMicroUsd: run.costOf(model, usage),
      replayed,
      contextTokens,
      ...(estimate === undefined
        ? {}
        : { estimate: { usage: estimate, costMicroUsd: run.costOf(model, estimate) } }),
      ...(answer?.timing === undefined ? {} : { timing: answer.timing }),
      ...(answer === null || context === undefined ? {} : { context: context(usage) }),
    });
  }
}
