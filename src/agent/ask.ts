import { requestHash } from '../context/index.ts';
import {
  interruption,
  type Json,
  type ModelEnd,
  type ModelRequest,
  noUsage,
  ok,
  type Reply,
  type Result,
  type Run,
  type Spending,
  type StepOutcome,
  type Stepped,
  stoppable,
  type Usage,
} from '../core/index.ts';

/** One question to a model, and where it is recorded. */
export interface Question {
  readonly request: ModelRequest;
  readonly agent: string;
  /** An alias or an id that the run resolves. */
  readonly model: string;
  /** The turn's key; the question is recorded as `<key>/model`. */
  readonly key: string;
  readonly contextTokens: number;
}

/** Asks a model once, as a step: a recorded reply is given again without asking. Every attempt is accounted for. */
export async function ask(question: Question, run: Run): Promise<Result<Reply>> {
  const { request, key } = question;
  const atRisk = { agent: question.agent, model: run.model(question.model).id, usage: worstOf(question) };
  const spec = { kind: 'model', replay: 'safe', inputHash: requestHash(request), atRisk } as const;
  const stepped = await run.journal.step<Json>(
    `${key}/model`,
    spec,
    async () => await answered(question, run),
  );
  account(question, stepped, run);
  return stepped.result as unknown as Result<Reply>;
}

/** As if nothing came from a cache and all output allowed were used. */
function worstOf({ request, contextTokens }: Question): Usage {
  return { ...noUsage, inputTokens: contextTokens, outputTokens: request.outputTokensMax };
}

/** A stopped call still says what it cost, if it does so soon. */
const graceMs = 1_000;

async function answered(question: Question, run: Run): Promise<StepOutcome<Json>> {
  const { signal, clock } = run;
  const end = await stoppable<ModelEnd>(() => lastEvent(question, run), signal, {
    graceful: () => clock.sleep(graceMs, new AbortController().signal),
    instead: () => ({ type: 'failed', failure: interruption(signal) }),
  });
  const spent = spendingOf(end, question, run);
  if (end.type === 'reply') return { result: ok(end.reply as unknown as Json), spent };
  // A model only knows that it was stopped; why is what the signal says.
  const failure = end.failure.code === 'cancelled' && signal.aborted ? interruption(signal) : end.failure;
  return { result: { ok: false, failure }, spent };
}

async function lastEvent({ request, model }: Question, run: Run): Promise<ModelEnd> {
  for await (const event of run.model(model).stream(request, run.signal)) {
    if (event.type === 'end') return event.end;
  }
  throw new Error(`Model ${run.model(model).id} broke its contract: its stream ended without an end`);
}

function spendingOf(end: ModelEnd, { agent, model }: Question, run: Run): readonly Spending[] {
  const last =
    end.type === 'reply'
      ? [{ model: end.reply.model, usage: end.reply.usage }]
      : end.usage === undefined
        ? []
        : [{ model: run.model(model).id, usage: end.usage }];
  return [...(end.attempts ?? []), ...last].map((attempt) => ({ agent, ...attempt }));
}

function account({ key, contextTokens }: Question, { spent, replayed }: Stepped<Json>, run: Run): void {
  for (const { agent, model, usage } of spent) {
    const costMicroUsd = run.costOf(model, usage);
    run.emit({ type: 'model-called', agent, key, model, usage, costMicroUsd, contextTokens, replayed });
  }
}
