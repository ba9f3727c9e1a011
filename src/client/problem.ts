/**
 * What a call to a server failed with: a closed code, and a detail that says the next step.
 * Besides the server's own codes there are two: `unreachable` (nobody answered) and `unexpected-answer` (somebody did
 * who is no Inspan server, or one that this client does not understand).
 */
export class InspanProblem extends Error {
  /** HTTP status; null where nobody answered. */
  readonly status: number | null;
  readonly code: string;
  readonly detail: string;
  /** What the server's operator finds the request by. */
  readonly requestId: string | null;
  /** How long the server asks to wait before another try. */
  readonly retryAfterMs: number | null;
  /** Every mistake of the request, where there may be several. */
  readonly errors: readonly { readonly code: string; readonly detail: string }[];

  constructor(facts: ProblemFacts) {
    super(facts.detail);
    this.name = 'InspanProblem';
    this.status = facts.status;
    this.code = facts.code;
    this.detail = facts.detail;
    this.requestId = facts.requestId ?? null;
    this.retryAfterMs = facts.retryAfterMs ?? null;
    this.errors = facts.errors ?? [];
  }
}

/** What a problem is made of. */
export interface ProblemFacts extends Pick<InspanProblem, 'status' | 'code' | 'detail'> {
  readonly requestId?: string | null;
  readonly retryAfterMs?: number | null;
  readonly errors?: InspanProblem['errors'];
}

/** Makes a problem of an answer that is no success (RFC 9457, `application/problem+json`). */
export function problemOf(response: Response, body: string, nowMs: number): InspanProblem {
  const { status, headers } = response;
  const answer = problemBody(body);
  const strange = isRedirect(response)
    ? 'The server sends elsewhere. Give the client the address it leads to: https instead of http, for example.'
    : `The server answered ${status}, and not as an Inspan server does. Is this its address?`;
  return new InspanProblem({
    status,
    code: textAt(answer, 'code') ?? 'unexpected-answer',
    detail: textAt(answer, 'detail') ?? strange,
    requestId: headers.get('x-request-id') ?? textAt(answer, 'instance'),
    retryAfterMs: retryAfterOf(headers, nowMs),
    errors: errorsOf(answer),
  });
}

/** Browsers do not show which redirect it was. */
function isRedirect({ type, status }: Response): boolean {
  return type === 'opaqueredirect' || (status >= 300 && status < 400);
}

type Answer = Readonly<Record<string, unknown>>;

function problemBody(body: string): Answer {
  try {
    const answer: unknown = JSON.parse(body);
    return isRecord(answer) ? answer : {};
  } catch {
    // A proxy's page, for example: there is nothing in it for us.
    return {};
  }
}

function errorsOf({ errors }: Answer): InspanProblem['errors'] {
  if (!Array.isArray(errors)) return [];
  return errors
    .filter(isRecord)
    .map((each) => ({ code: textAt(each, 'code') ?? '', detail: textAt(each, 'detail') ?? '' }));
}

function textAt(answer: Answer, name: string): string | null {
  const value = answer[name];
  return typeof value === 'string' ? value : null;
}

function isRecord(value: unknown): value is Answer {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Seconds or a date (RFC 9110, 10.2.3). */
function retryAfterOf(headers: Headers, nowMs: number): number | null {
  const given = headers.get('retry-after');
  if (given === null) return null;
  const ms = /^\d+$/.test(given) ? Number(given) * 1000 : Date.parse(given) - nowMs;
  return Number.isNaN(ms) ? null : Math.max(0, ms);
}
