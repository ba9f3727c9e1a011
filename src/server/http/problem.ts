import { type Failure, type FailureCode, failureCodes } from '../../core/index.ts';
import type { Refusal, TextAnswer } from '../route.ts';
import type { ProblemOnWire } from '../shapes/problem.ts';

/** The media type of everything that is no success (RFC 9457). */
export const problemType = 'application/problem+json';

/** Answers with what is wrong. The first failure decides the status; all of them are listed. */
export function problemAnswer({ refused, headers }: Refusal, requestId: string): TextAnswer {
  const body = problemOf(refused, requestId);
  return {
    status: body.status,
    headers: { 'content-type': problemType, ...retryAfter(refused[0]), ...headers },
    text: JSON.stringify(body),
  };
}

/** Writes failures as a problem: nothing of where they happened, only what to do about them. */
export function problemOf(refused: readonly [Failure, ...Failure[]], requestId: string): ProblemOnWire {
  const [{ code, message }] = refused;
  const more = refused.length - 1;
  return {
    type: `urn:inspan:problem:${code}`,
    title: titleOf(code),
    status: failureCodes[code].status,
    code,
    detail: more === 0 ? message : `${message} (And ${more} more, see errors.)`,
    instance: requestId,
    errors: refused.map((each) => ({ code: each.code, detail: each.message })),
  };
}

function titleOf(code: FailureCode): string {
  return `${code[0]?.toUpperCase()}${code.slice(1).replaceAll('-', ' ')}`;
}

function retryAfter({ retryAfterMs }: Failure): Readonly<Record<string, string>> {
  // Whole seconds (RFC 9110, 10.2.3), and never less than it takes.
  return retryAfterMs === undefined ? {} : { 'retry-after': String(Math.ceil(retryAfterMs / 1000)) };
}
