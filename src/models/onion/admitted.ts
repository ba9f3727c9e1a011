import {
  type Admission,
  type Model,
  type ModelEnd,
  ok,
  type Permit,
  type PermitOutcome,
  type Result,
} from '../../core/index.ts';
import { type Gate, gated, type Passage } from './gate.ts';
import type { CountRequest } from './request-counter.ts';

/** How a model's requests are admitted. */
export interface AdmittedOptions {
  readonly admission: Admission;
  /** Whose limits they count against: see `AdmissionWant`. */
  readonly account: string;
  readonly job: string;
  readonly tokensOf: CountRequest;
  /** A longer wait ends as `rate-limited`, so that another model can take over. */
  readonly waitMsMax: number;
}

/**
 * Lets a request out when its account's limits have room for it. The permit is held only while the request is out:
 * an agent that waits for others holds none.
 */
export function admitted(model: Model, options: AdmittedOptions): Model {
  return gated(model, [admissionGate(options)]);
}

/** The gate of `admitted`. */
export function admissionGate({ admission, account, job, tokensOf, waitMsMax }: AdmittedOptions): Gate {
  return {
    enter(request, signal) {
      const { outputTokensMax } = request;
      const want = { account, job, inputTokens: tokensOf(request), outputTokensMax, waitMsMax };
      return admission.enter(want, signal).then(admittedBy);
    },
  };
}

function admittedBy(permit: Result<Permit>): Result<Passage> {
  return permit.ok ? ok(passageOf(permit.value)) : permit;
}

function passageOf(permit: Permit): Passage {
  return {
    see(event) {
      if (event.type === 'begun' && event.limits !== undefined) permit.learn(event.limits);
      if (event.type !== 'end') return event;
      if (event.end.type === 'failed' && event.end.limits !== undefined) permit.learn(event.end.limits);
      permit.leave(outcomeOf(event.end));
      return event;
    },
    leave: () => permit.leave({}),
  };
}

function outcomeOf(end: ModelEnd): PermitOutcome {
  if (end.type === 'reply') return { usage: end.reply.usage };
  const { code, retryAfterMs } = end.failure;
  const failed = { code, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  return { failed, ...(end.usage === undefined ? {} : { usage: end.usage }) };
}
