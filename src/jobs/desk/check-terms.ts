import { type Failure, failure } from '../../core/index.ts';
import type { JobRequest } from '../desk.ts';

/** What a request says besides its brief. */
export type JobTerms = Omit<JobRequest, 'team' | 'text' | 'files' | 'params'>;

const prioritiesMax = 100;
const labelsMax = 32;
const wordCharactersMax = 255;
const modelCharactersMax = 200;
/** The end of the year 9999: later times have more digits than ISO 8601 gives a year (ECMA-262, "Expanded Years"). */
const dateMsMax = 253_402_300_799_999;

/** Finds every mistake in the terms of a request. */
export function checkTerms(terms: JobTerms, nowMs: number): readonly Failure[] {
  const { idempotencyKey, model } = terms;
  const mistakes = [
    wrongPriority(terms.priority),
    ...wrongTimes(terms, nowMs),
    idempotencyKey === undefined || isWord(idempotencyKey)
      ? null
      : `idempotencyKey must have from 1 to ${wordCharactersMax} visible characters.`,
    ...wrongLabels(terms.labels),
    model === undefined || isModelName(model)
      ? null
      : 'model must be the id of one model, such as ollama/qwen3:8b or offline.',
  ];
  return mistakes.flatMap((mistake) => (mistake === null ? [] : [failure('wrong-input', mistake)]));
}

/** Says whether a text can name something: short, not empty, without characters that nobody sees. */
export function isWord(text: unknown, charactersMax = wordCharactersMax): text is string {
  return typeof text === 'string' && text.length <= charactersMax && /^\P{C}+$/u.test(text);
}

/** Finds every mistake in labels. */
export function wrongLabels(labels: JobRequest['labels'] = {}): readonly (string | null)[] {
  const entries = Object.entries(labels);
  const tooMany =
    entries.length > labelsMax
      ? `labels has ${entries.length} entries; at most ${labelsMax} are kept.`
      : null;
  const wrong = entries.find(([name, value]) => !isWord(name) || !(value === '' || isWord(value)));
  return [
    tooMany,
    wrong === undefined
      ? null
      : `labels: names and values are text of at most ${wordCharactersMax} visible characters.`,
  ];
}

function wrongPriority(priority: unknown): string | null {
  if (priority === undefined) return null;
  const isRight = Number.isInteger(priority) && Math.abs(priority as number) <= prioritiesMax;
  return isRight
    ? null
    : `priority is ${shown(priority)}; expected a whole number from -${prioritiesMax} to ${prioritiesMax}.`;
}

function wrongTimes({ notBeforeMs, deadlineAtMs }: JobTerms, nowMs: number): readonly (string | null)[] {
  const wrongBefore = notBeforeMs !== undefined && !isTime(notBeforeMs) ? wrongTime('notBefore') : null;
  if (deadlineAtMs === undefined) return [wrongBefore];
  if (!isTime(deadlineAtMs)) return [wrongBefore, wrongTime('deadlineAt')];
  if (deadlineAtMs <= nowMs) return [wrongBefore, 'deadlineAt has passed: give a time in the future.'];
  const isReachable = notBeforeMs === undefined || deadlineAtMs > notBeforeMs;
  return [wrongBefore, isReachable ? null : 'deadlineAt is not after notBefore: the job could never run.'];
}

function wrongTime(name: string): string {
  return `${name} is not a time: give whole milliseconds since 1970.`;
}

function isTime(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= dateMsMax;
}

/** Says whether a text can be the id of a model; whether there is such a model is not known here. */
export function isModelName(name: unknown): name is string {
  return isWord(name, modelCharactersMax) && !/\s/.test(name);
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? String(value)).slice(0, 40);
}
