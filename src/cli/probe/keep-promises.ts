import { AssertionError } from 'node:assert';
import { type Failure, InspanError, sideOf } from '../../core/index.ts';
import type { ProviderPromise, ProviderSkill, ProviderUnderTest } from '../../models/index.ts';
import { fitColumns, oneLine } from '../show/wording.ts';

/** What became of one promise. */
export interface Finding {
  readonly promise: string;
  readonly state: 'kept' | 'broken' | 'left out';
  /** Null where it is kept. */
  readonly why: string | null;
}

/** A provider, and why some promises cannot be asked of it. */
export interface Probed extends ProviderUnderTest {
  readonly cannot: ReadonlyMap<ProviderSkill, string>;
  /** What an endpoint at an address of one's own need not have: a promise about it that is not kept is left out. */
  readonly unsure: ReadonlySet<ProviderSkill>;
}

/**
 * Checks one promise after the other. Stops asking where nobody can answer: without access, without money, without
 * a server, or when the signal fires. Throws `InspanError` where a person must mend something before anything can be
 * asked: a wrong key, a model that is not there.
 */
export async function* keepPromises(
  promises: readonly ProviderPromise[],
  probed: Probed,
): AsyncGenerator<Finding> {
  let stopped: string | null = null;
  let isReached = false;
  for (const promise of promises) {
    const finding: Checked = stopped === null ? await checked(promise, probed) : leftOut(stopped);
    isReached ||= finding.state === 'kept';
    if (
      stopped === null &&
      !isReached &&
      finding.failure !== null &&
      sideOf(finding.failure.code) === 'person'
    )
      throw new InspanError([finding.failure]);
    if (finding.failure !== null && endsAll(finding.failure, isReached))
      stopped = reasonToStop(finding.failure);
    yield { promise: promise.promise, state: finding.state, why: finding.why };
  }
}

/** A finding, and the failure of a call behind it, where there is one. */
interface Checked extends Omit<Finding, 'promise'> {
  readonly failure: Failure | null;
}

const kept: Checked = Object.freeze({ state: 'kept', why: null, failure: null });

function leftOut(why: string, failure: Failure | null = null): Checked {
  return { state: 'left out', why, failure };
}

async function checked({ needs, check }: ProviderPromise, probed: Probed): Promise<Checked> {
  const { cannot, unsure, signal } = probed;
  if (signal.aborted) return leftOut('stopped');
  const reason = needs === null ? undefined : cannot.get(needs);
  if (reason !== undefined) return leftOut(reason);
  try {
    await check(probed);
    return kept;
  } catch (error) {
    if (error instanceof InspanError) return failedCall(error, needs, signal);
    if (!(error instanceof AssertionError)) throw error;
    if (needs === 'keys' && unsure.has(needs)) return leftOut('this endpoint accepts any key');
    // Behind the first line stands a comparison, for programmers.
    const why = shortly(error.message.split('\n')[0] ?? '');
    return needs !== null && unsure.has(needs) ? leftOut(why) : { state: 'broken', why, failure: null };
  }
}

function failedCall({ failures }: InspanError, needs: ProviderSkill | null, signal: AbortSignal): Checked {
  const [failure] = failures;
  if (failure === undefined) throw new Error('An InspanError always has a failure');
  if (signal.aborted) return leftOut('stopped');
  const why = shortly(failure.message);
  // What an endpoint need not be able to do it may refuse; and no money is nobody's fault.
  const mayRefuse = needs !== null && failure.code === 'request-rejected';
  if (mayRefuse || failure.code === 'budget-exhausted') return leftOut(why, failure);
  // However a wrong key is refused, the right one is let in all the same.
  return { state: 'broken', why, failure: needs === 'keys' ? null : failure };
}

/** An outage ends all only where nothing was ever answered: later ones may pass. */
function endsAll({ code }: Failure, isReached: boolean): boolean {
  if (code === 'budget-exhausted' || sideOf(code) === 'person') return true;
  return sideOf(code) === 'world' && !isReached;
}

function reasonToStop({ code }: Failure): string {
  return code === 'budget-exhausted' ? 'the money cap is reached' : 'nobody answers';
}

/** Providers can be wordy, and a finding is one line. */
const whyColumnsMax = 300;

function shortly(text: string): string {
  return fitColumns(oneLine(text), whyColumnsMax);
}
