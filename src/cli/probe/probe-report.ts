import { dollars, padColumns } from '../show/wording.ts';
import type { Finding } from './keep-promises.ts';
import type { Bill } from './metered.ts';

/** What came of a probe, as `--json` prints it. */
export interface ProbeReport {
  readonly model: string;
  readonly kept: number;
  readonly broken: number;
  readonly leftOut: number;
  readonly cost: {
    readonly usd: number | 'unknown';
    /** What calls that broke off may have cost beyond that. */
    readonly unreportedUsdMax: number | 'unknown';
  };
  readonly promises: readonly Finding[];
}

/** Writes up what was found. */
export function probeReport(model: string, promises: readonly Finding[], bill: Bill): ProbeReport {
  const count = (wanted: Finding['state']): number => promises.filter(({ state }) => state === wanted).length;
  return {
    model,
    kept: count('kept'),
    broken: count('broken'),
    leftOut: count('left out'),
    cost: { usd: inUsd(bill.costMicroUsd), unreportedUsdMax: inUsd(bill.unreportedMicroUsd) },
    promises,
  };
}

/** One finding as one line. */
export function findingLine({ promise, state, why }: Finding): string {
  return `${padColumns(state, stateColumns)}  ${promise}${why === null ? '' : `: ${why}`}`;
}

const stateColumns = 'left out'.length;

/** The last line: how many promises are kept, and what finding that out cost. */
export function summaryLine({ model, kept, broken, leftOut, cost }: ProbeReport): string {
  const counts = `${kept} kept, ${broken} broken, ${leftOut} left out`;
  return `${model}: ${counts}. It cost ${shown(cost.usd)}${maybe(cost.unreportedUsdMax)}.`;
}

function maybe(usd: number | 'unknown'): string {
  return usd === 0 || usd === 'unknown' ? '' : `, and at most ${shown(usd)} that was not reported`;
}

function shown(usd: number | 'unknown'): string {
  return usd === 'unknown' ? 'what nobody knows' : dollars(usd * microPerUnit);
}

const microPerUnit = 1_000_000;

function inUsd(microUsd: number | 'unknown'): number | 'unknown' {
  return microUsd === 'unknown' ? 'unknown' : microUsd / microPerUnit;
}
