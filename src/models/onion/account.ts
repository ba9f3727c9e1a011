import {
  type AdmissionWant,
  type Clock,
  fail,
  ok,
  type Permit,
  type PermitOutcome,
  type Result,
} from '../../core/index.ts';
import { cancelled } from '../wire/provider-call.ts';
import { createFairQueue } from './fair-queue.ts';
import { createMeter, type MeterLimits } from './meter.ts';

/** What a person may set for an account. */
export interface AccountLimits extends MeterLimits {
  /** Requests out at once; 1,024 when absent. */
  readonly inFlightMax?: number;
}

/** What an account needs of its surroundings. */
export interface AccountParts {
  readonly clock: Clock;
  /** From 0 up to, but not, 1. */
  readonly random: () => number;
}

/** The line before one account: who may go out now, and who has to wait for what. */
export class Account {
  readonly #parts: AccountParts;
  readonly #meter;
  readonly #line = createFairQueue<Waiter>();
  readonly #inFlightMax: number;
  #inFlight = 0;
  /** Nobody goes out before. */
  #closedUntilMs = 0;
  /** Until then, and as long as anybody waits, they go out one by one. */
  #spreadUntilMs: number | null = null;
  #alarm: AbortController | null = null;

  constructor(parts: AccountParts, { inFlightMax = inFlightMaxUsual, ...limits }: AccountLimits) {
    this.#parts = parts;
    this.#inFlightMax = inFlightMax;
    this.#meter = createMeter(() => parts.clock.now(), limits);
  }

  /** See `Admission.enter`. */
  enter(want: AdmissionWant, signal: AbortSignal): Promise<Result<Permit>> {
    if (signal.aborted) return Promise.resolve({ ok: false, failure: cancelled() });
    if (this.#line.size() === 0 && this.#readyInMs(want) <= 0) return Promise.resolve(ok(this.#permit(want)));
    const expectedMs = this.#expectedMs(want);
    const isTooLong = expectedMs > want.waitMsMax || this.#line.size() >= waitingMax;
    return isTooLong ? Promise.resolve(tooLong(expectedMs)) : this.#wait(want, signal);
  }

  /** True while forgetting it would lose nothing but what headers said of its limits. */
  isIdle(): boolean {
    return this.#inFlight === 0 && this.#line.size() === 0 && this.#closedUntilMs <= this.#parts.clock.now();
  }

  #wait(want: AdmissionWant, signal: AbortSignal): Promise<Result<Permit>> {
    return new Promise((resolve) => {
      const over = new AbortController();
      const settle = (result: Result<Permit>): void => {
        over.abort('over');
        signal.removeEventListener('abort', cancel);
        resolve(result);
      };
      const leave = (result: Result<Permit>): void => {
        this.#line.remove(want.job, waiter);
        settle(result);
        this.#letOut();
      };
      const waiter: Waiter = {
        want,
        untilMs: this.#parts.clock.now() + want.waitMsMax,
        admit: (permit) => settle(ok(permit)),
        giveUp: () => leave(tooLong(this.#expectedMs(want))),
      };
      const cancel = (): void => leave({ ok: false, failure: cancelled() });
      signal.addEventListener('abort', cancel, { once: true });
      void this.#parts.clock.sleep(want.waitMsMax, over.signal).then(() => {
        if (!over.signal.aborted) waiter.giveUp();
      });
      this.#line.add(want.job, waiter);
      this.#letOut();
    });
  }

  /** Lets out whoever may go, in turn, and comes back when the next may. */
  #letOut(): void {
    this.#alarm?.abort('over');
    this.#alarm = null;
    for (let next = this.#line.next(); next !== undefined; next = this.#line.next()) {
      const waitMs = this.#readyInMs(next.want);
      if (waitMs > 0) {
        this.#comeBackIn(waitMs);
        return;
      }
      this.#line.shift();
      next.admit(this.#permit(next.want));
    }
  }

  #comeBackIn(waitMs: number): void {
    // All are out that may be: the first who comes back calls again.
    if (waitMs === Number.POSITIVE_INFINITY) return;
    const alarm = new AbortController();
    this.#alarm = alarm;
    void this.#parts.clock.sleep(waitMs, alarm.signal).then(() => {
      if (!alarm.signal.aborted) this.#letOut();
    });
  }

  #readyInMs(want: AdmissionWant): number {
    if (this.#inFlight >= this.#inFlightMax) return Number.POSITIVE_INFINITY;
    return Math.max(this.#closedUntilMs - this.#parts.clock.now(), this.#meter.waitMs(want, 0));
  }

  #expectedMs(want: AdmissionWant): number {
    const closedMs = Math.max(0, this.#closedUntilMs - this.#parts.clock.now());
    return Math.max(closedMs, this.#meter.waitMs(want, this.#line.ahead(want.job)));
  }

  #permit(want: AdmissionWant): Permit {
    const metered = this.#meter.open(want);
    this.#inFlight += 1;
    this.#keepApart();
    let isOut = true;
    return {
      learn: (limits) => {
        metered.learn(limits);
        this.#letOut();
      },
      leave: (outcome) => {
        if (!isOut) return;
        isOut = false;
        this.#inFlight -= 1;
        metered.close(outcome.usage);
        this.#coolDown(outcome);
        this.#letOut();
      },
    };
  }

  /** After a cool-down, who was held back would otherwise run into the next one together. */
  #keepApart(): void {
    if (this.#spreadUntilMs === null) return;
    const nowMs = this.#parts.clock.now();
    if (nowMs >= this.#spreadUntilMs && this.#line.size() === 0) this.#spreadUntilMs = null;
    else this.#closedUntilMs = nowMs + this.#gapMs();
  }

  #coolDown({ failed }: PermitOutcome): void {
    const waitMs = failed === undefined ? null : coolDownMs(failed);
    if (waitMs === null) return;
    const untilMs = this.#parts.clock.now() + waitMs;
    this.#closedUntilMs = Math.max(this.#closedUntilMs, untilMs + this.#gapMs());
    this.#spreadUntilMs = Math.max(this.#spreadUntilMs ?? 0, untilMs + spreadMs);
    // Whoever cannot wait for its end need not wait for its own: another model may answer now.
    for (const waiter of this.#line.all()) if (waiter.untilMs < untilMs) waiter.giveUp();
  }

  #gapMs(): number {
    return this.#parts.random() * 2 * gapMsMean;
  }
}

interface Waiter {
  readonly want: AdmissionWant;
  readonly untilMs: number;
  readonly admit: (permit: Permit) => void;
  readonly giveUp: () => void;
}

/** As many as the transport opens connections to one origin: sockets and memory stay bounded. */
const inFlightMaxUsual = 1_024;

/** In line before one account. Whoever comes then is better off elsewhere. */
const waitingMax = 10_000;

/** Ten a second: a fifth of the smallest paid tier's limit (Anthropic, 1,000 a minute) is out after 20 seconds. */
const gapMsMean = 100;

/** After so long without a new refusal, requests go out as they come. */
const spreadMs = 10_000;

/** Of a refusal that does not say how long: the shortest wait that providers' headers can express. */
const coolDownMsUsual = 1_000;

/** A refusal for all who share the account, not for the one request alone; null where it is not. */
function coolDownMs({ code, retryAfterMs }: NonNullable<PermitOutcome['failed']>): number | null {
  if (code === 'rate-limited') return retryAfterMs ?? coolDownMsUsual;
  return code === 'provider-down' ? (retryAfterMs ?? null) : null;
}

function tooLong(expectedMs: number): Result<never> {
  const retryAfterMs = Math.max(coolDownMsUsual, Math.ceil(expectedMs));
  const seconds = Math.ceil(retryAfterMs / 1_000);
  const message = `The rate limit leaves no room for this call in time: about ${seconds} s to wait. Wait, raise the limit, or add a fallback model.`;
  return fail('rate-limited', message, { retryAfterMs });
}
