/** Where a person can mend a mistake: a file as they named it, and a line counted from 1. */
export interface Place {
  readonly file: string;
  readonly line?: number;
}

/**
 * Who must act on a failure.
 * `world`: nobody, it may pass (never recorded in a journal, retried or handed to the next model);
 * `task`: the model or its author (always recorded, an answer the model can act on);
 * `person`: whoever wrote the team folder or the command;
 * `limit`: a named maximum was reached.
 */
export type FailureSide = 'world' | 'task' | 'person' | 'limit';

/** Every expected failure: who must act on it, and the HTTP status a face gives it. */
export const failureCodes = {
  // the world's
  'rate-limited': { side: 'world', status: 429 },
  'provider-down': { side: 'world', status: 503 },
  timeout: { side: 'world', status: 504 },
  'storage-failed': { side: 'world', status: 503 },
  cancelled: { side: 'world', status: 499 },
  parked: { side: 'world', status: 202 },
  'lease-lost': { side: 'world', status: 409 },
  'team-missing': { side: 'world', status: 503 },
  'model-missing': { side: 'world', status: 503 },
  draining: { side: 'world', status: 503 },
  internal: { side: 'world', status: 500 },
  // the task's
  'bad-arguments': { side: 'task', status: 422 },
  'unknown-tool': { side: 'task', status: 422 },
  'file-not-found': { side: 'task', status: 404 },
  'path-refused': { side: 'task', status: 422 },
  'outside-scope': { side: 'task', status: 403 },
  'version-conflict': { side: 'task', status: 409 },
  'edit-refused': { side: 'task', status: 422 },
  'tool-failed': { side: 'task', status: 422 },
  'outcome-unknown': { side: 'task', status: 422 },
  'not-asked-for': { side: 'task', status: 422 },
  'not-ready': { side: 'task', status: 422 },
  'member-failed': { side: 'task', status: 422 },
  'artifact-missing': { side: 'task', status: 422 },
  'artifact-invalid': { side: 'task', status: 422 },
  'output-invalid': { side: 'task', status: 422 },
  'artifacts-missing': { side: 'task', status: 422 },
  refused: { side: 'task', status: 422 },
  'context-full': { side: 'task', status: 422 },
  'request-rejected': { side: 'task', status: 422 },
  'journal-mismatch': { side: 'task', status: 409 },
  // a person's
  'wrong-input': { side: 'person', status: 400 },
  'wrong-team': { side: 'person', status: 400 },
  'wrong-config': { side: 'person', status: 400 },
  'unknown-model': { side: 'person', status: 400 },
  'no-access': { side: 'person', status: 401 },
  'no-key': { side: 'person', status: 401 },
  'not-allowed': { side: 'person', status: 403 },
  'not-found': { side: 'person', status: 404 },
  'wrong-state': { side: 'person', status: 409 },
  'key-conflict': { side: 'person', status: 409 },
  'team-changed': { side: 'person', status: 409 },
  'too-large': { side: 'person', status: 413 },
  'wrong-type': { side: 'person', status: 415 },
  'wrong-method': { side: 'person', status: 405 },
  'too-many-requests': { side: 'person', status: 429 },
  'store-in-use': { side: 'person', status: 409 },
  // limits
  'turns-exhausted': { side: 'limit', status: 422 },
  'tool-calls-exhausted': { side: 'limit', status: 422 },
  'output-tokens-exhausted': { side: 'limit', status: 422 },
  'wall-time-exhausted': { side: 'limit', status: 422 },
  'budget-exhausted': { side: 'limit', status: 402 },
  'delegations-exhausted': { side: 'limit', status: 422 },
  'deadline-passed': { side: 'limit', status: 408 },
  'worker-lost': { side: 'limit', status: 500 },
} as const satisfies Record<string, { readonly side: FailureSide; readonly status: number }>;

/** One word for what went wrong; closed, see `failureCodes`. */
export type FailureCode = keyof typeof failureCodes;

/** An expected failure. `message` is for the caller and says the next step; never a secret or a neighbour's data. */
export interface Failure {
  readonly code: FailureCode;
  readonly message: string;
  readonly place?: Place;
  /** How long the world asks us to wait, in ms. Only for side `world`. */
  readonly retryAfterMs?: number;
  /** False where the provider said that trying again is of no use. */
  readonly retryable?: false;
}

/** Makes a failure. */
export function failure(
  code: FailureCode,
  message: string,
  more: Omit<Failure, 'code' | 'message'> = {},
): Failure {
  return { code, message, ...more };
}

/** Says who must act on a failure. */
export function sideOf(code: FailureCode): FailureSide {
  return failureCodes[code].side;
}

/** Limits and answers that nobody in a job can do anything about. */
const endings: readonly FailureCode[] = Object.freeze([
  'budget-exhausted',
  'deadline-passed',
  'journal-mismatch',
  'worker-lost',
] as const);

/**
 * Says whether a failure ends what it happens in, instead of being an answer.
 * An answer is something that a model or a lead can act on.
 * What climbs is never recorded, and what is recorded never climbs: a replay goes the way the job went.
 */
export function climbs(code: FailureCode): boolean {
  const side = sideOf(code);
  if (side === 'world' || side === 'person') return true;
  return endings.includes(code);
}

/**
 * Which of the failures of works side by side stands for all; null where there is none. The end that somebody asked
 * for explains the others; what a later start may mend or must be told of goes before waiting, and that before answers.
 */
export function weightiest(failures: readonly Failure[]): Failure | null {
  const found =
    failures.find(({ code }) => code === 'cancelled') ??
    failures.find(({ code }) => climbs(code) && code !== 'parked') ??
    failures.find(({ code }) => code === 'parked');
  return found ?? failures[0] ?? null;
}

/** Writes a failure as the one line a person reads: `file:line: message`. */
export function failureLine({ message, place }: Failure): string {
  if (place === undefined) return message;
  return `${place.file}${place.line === undefined ? '' : `:${place.line}`}: ${message}`;
}

/**
 * Carries failures that a person must mend out of the library's outermost calls.
 * Always carries every failure found, so that one run shows all mistakes.
 */
export class InspanError extends Error {
  readonly failures: readonly Failure[];

  constructor(failures: readonly Failure[]) {
    super(failures.map(failureLine).join('\n'));
    this.name = 'InspanError';
    this.failures = failures;
  }
}
