import {
  canonicalJson,
  fail,
  hashJson,
  interruption,
  isJsonObject,
  type Json,
  ok,
  type Result,
  type Run,
  recalled,
  type ToolCall,
  type WaitEnd,
  type WaitOptions,
} from '../core/index.ts';

/** The waits of one tool call. */
export interface Waiting {
  readonly wait: ToolCall['wait'];
  /** Settles when a wait cannot end here and no other is open: the call is to be left where it stands. */
  readonly left: Promise<Result<never>>;
  /** Resolves when no wait is open. */
  settled(): Promise<void>;
}

/** A question is for a person: what is longer belongs into a file, which the question names. */
const questionCharactersMax = 100_000;

/**
 * Opens the waits of a call, recorded under its key. What a wait is given is a step: when the call is made again, it
 * goes on from there. A wait that cannot end here never settles, whatever the tool does to catch it.
 */
export function openWaiting(callKey: string, run: Run): Waiting {
  const asked = new Map<string, number>();
  const open = new Set<Promise<Result<WaitEnd>>>();
  const leaving = Promise.withResolvers<Result<never>>();
  let stopped: Result<never> | null = null;
  return {
    left: leaving.promise,
    async settled() {
      await Promise.allSettled(open);
    },
    async wait(signal, options = {}) {
      const time = (asked.get(signal) ?? 0) + 1;
      const toEnd = { key: stepKey(callKey, signal, time), signal, ...checked(options) };
      asked.set(signal, time);
      const ending = endOf(toEnd, run);
      open.add(ending);
      // Storage that fails is not a matter of the tool, which would tell the model of it.
      const end = await ending.catch((error: unknown) => {
        leaving.reject(error);
        return null;
      });
      open.delete(ending);
      if (end?.ok === false) stopped ??= end;
      if (stopped !== null && open.size === 0) leaving.resolve(stopped);
      return end?.ok === true ? end.value : await new Promise<never>(() => {});
    },
  };
}

/** The second wait for a name is `wait-<name>:2`. Names are encoded, so that no two waits have one key. */
function stepKey(callKey: string, signal: string, time: number): string {
  return `${callKey}/wait-${encodeURIComponent(signal)}${time === 1 ? '' : `:${time}`}`;
}

interface WaitToEnd {
  readonly key: string;
  readonly signal: string;
  readonly question: Json;
  readonly timeoutMs: number | null;
}

/** Throws for what no caller may ask: the author of the tool reads it. */
function checked({ question = null, timeoutMs }: WaitOptions): Pick<WaitToEnd, 'question' | 'timeoutMs'> {
  if (timeoutMs !== undefined && !(Number.isFinite(timeoutMs) && timeoutMs >= 0))
    throw new RangeError(`timeoutMs of a wait is a number of milliseconds, not ${timeoutMs}`);
  const { length } = canonicalJson(question);
  if (length > questionCharactersMax)
    throw new RangeError(
      `The question of a wait has ${length} characters of ${questionCharactersMax}: put text into a file and name it`,
    );
  return { question, timeoutMs: timeoutMs ?? null };
}

/** What was asked and until when is on record before anybody is parked for it: a restart changes neither. */
async function endOf({ key, signal, question, timeoutMs }: WaitToEnd, run: Run): Promise<Result<WaitEnd>> {
  if (run.signal.aborted) return { ok: false, failure: interruption(run.signal) };
  const inputHash = hashJson({ signal, question });
  const stepped = await run.journal.step<Json>(key, { kind: 'wait', replay: 'safe', inputHash }, async () => {
    const spec = { kind: 'check', replay: 'safe', inputHash } as const;
    const { result } = await run.journal.step<Json>(`${key}/asked`, spec, async () => ({
      result: ok({ untilMs: timeoutMs === null ? null : run.clock.now() + timeoutMs, question }),
    }));
    const asked = recalled(result, `${key}/asked`, isAsked);
    if (!asked.ok) return { result: asked };
    return { result: await run.awaitSignal({ key, signal, ...asked.value }, run.signal) };
  });
  const end = recalled(stepped.result, key, isWaitEnd);
  return !end.ok && end.failure.code === 'journal-mismatch' ? otherQuestion(signal) : end;
}

/** An answer to one question is none to another. */
function otherQuestion(signal: string): Result<never> {
  return fail(
    'journal-mismatch',
    `The question of the wait for ${signal} changed when its call was made again. Make it of what never changes: the tool's input, files.`,
  );
}

interface Asked {
  readonly untilMs: number | null;
  readonly question: Json;
}

function isAsked(value: unknown): value is Asked {
  if (!isJsonObject(value) || value.question === undefined) return false;
  return value.untilMs === null || typeof value.untilMs === 'number';
}

function isWaitEnd(value: unknown): value is WaitEnd {
  if (!isJsonObject(value)) return false;
  return value.type === 'timeout' || (value.type === 'signal' && value.value !== undefined);
}
