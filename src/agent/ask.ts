import { requestHash } from '../context/index.ts';
import {
  fail,
  type Json,
  type ModelEnd,
  type ModelRequest,
  ok,
  type Reply,
  type Result,
  type Run,
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
  if (run.signal.aborted) return fail('cancelled', 'The job was cancelled.');
  const spec = { kind: 'model', replay: 'safe', inputHash: requestHash(request) } as const;
  const { result, replayed } = await run.journal.step<Json>(`${key}/model`, spec, async () => {
    const end = await lastEvent(question, run);
    if (end.type === 'reply') return { result: ok(end.reply as unknown as Json) };
    if (end.usage !== undefined)
      account(question, run, { usage: end.usage, model: run.model(question.model).id, replayed: false });
    return { result: { ok: false, failure: end.failure } };
  });
  if (!result.ok) return result;
  const reply = result.value as unknown as Reply;
  account(question, run, { usage: reply.usage, model: reply.model, replayed });
  return ok(reply);
}

async function lastEvent({ request, model }: Question, run: Run): Promise<ModelEnd> {
  for await (const event of run.model(model).stream(request, run.signal)) {
    if (event.type === 'end') return event.end;
  }
  throw new Error(`Model ${run.model(model).id} broke its contract: its stream ended without an end`);
}

interface Attempt extends Pick<Reply, 'usage' | 'model'> {
  readonly replayed: boolean;
}

function account({ agent, key, contextTokens }: Question, run: Run, attempt: Attempt): void {
  const costMicroUsd = run.costOf(attempt.model, attempt.usage);
  run.emit({ type: 'model-called', agent, key, contextTokens, costMicroUsd, ...attempt });
}
