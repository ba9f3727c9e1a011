import type { Refusal, SimModel } from '../server/wire.ts';

/** An error as Anthropic's API tells it, before it is written down. */
export interface Fault {
  readonly status: number;
  /** `error.type` of the body. */
  readonly kind: string;
  readonly message: string;
  /** `error.details.error_code`, where there is one. */
  readonly errorCode?: string;
}

/** What was asked for, or the first thing that is wrong with it. */
export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly fault: Fault };

/** Makes the fault of a request that cannot be answered as it stands. */
export function invalidRequest(message: string): Fault {
  return { status: 400, kind: 'invalid_request_error', message };
}

/** Makes the fault of a thing that is not there. */
export function notFound(message: string): Fault {
  return { status: 404, kind: 'not_found_error', message };
}

/** Wraps what was found in order. */
export function sound<T>(value: T): Checked<T> {
  return { ok: true, value };
}

/** Wraps what is wrong. */
export function faulty(fault: Fault): Checked<never> {
  return { ok: false, fault };
}

/** The body of an error, in a reply or in a batch's results. */
export function faultBody({ kind, message, errorCode }: Fault, requestId: string) {
  const details = errorCode === undefined ? {} : { details: { error_code: errorCode } };
  return { type: 'error', error: { type: kind, message, ...details }, request_id: requestId };
}

/** Says a refusal of the simulator as Anthropic does. Texts: Anthropic, "Errors", and replies seen in public. */
export function faultOfRefusal(refusal: Refusal, model: SimModel | null): Fault {
  switch (refusal.code) {
    case 'bad-key':
      return { status: 401, kind: 'authentication_error', message: 'invalid x-api-key' };
    case 'rate-limited':
      return { status: 429, kind: 'rate_limit_error', message: exceeded(refusal.said) };
    case 'quota-exhausted':
      return {
        status: 429,
        kind: 'rate_limit_error',
        message: `You have reached the spend limit of your organization: ${refusal.said}.`,
        errorCode: 'enforced_spend_limit_reached',
      };
    case 'overloaded':
      return overloaded;
    case 'context-overflow':
      return invalidRequest(
        `prompt is too long: ${refusal.promptTokens} tokens > ${model?.contextTokensMax ?? 0} maximum`,
      );
    case 'hangs-up':
    case 'server-error':
      return { status: 500, kind: 'api_error', message: 'Internal server error' };
  }
}

/** The provider has too much to do: as a status, or in the middle of a stream. */
export const overloaded: Fault = Object.freeze({
  status: 529,
  kind: 'overloaded_error',
  message: 'Overloaded',
});

/** Every simulated key belongs to this one organization. */
export const organizationId = '5a3c1f0e-0000-4000-8000-000000000001';

function exceeded(said: string): string {
  return [
    `This request would exceed the rate limit for your organization (${organizationId}) of ${said}.`,
    'For details, refer to: https://docs.claude.com/en/api/rate-limits.',
    'You can see the response headers for current usage.',
    'Please reduce the prompt length or the maximum tokens requested, or try again later.',
  ].join(' ');
}
