import { type Budget, fail, ok, type Reservation, type Result } from '../../core/index.ts';

/**
 * A ceiling on money, kept in memory. Amounts are integer micro-USD.
 * `settledMicroUsd` is what was spent before.
 * A call that cost more than was reserved for it is settled in full: the money is gone, and the next reservation sees it.
 */
export function createBudget(ceilingMicroUsd: number, settledMicroUsd = 0): Budget {
  mustBeAmount(ceilingMicroUsd);
  mustBeAmount(settledMicroUsd);
  let settled = settledMicroUsd;
  let reserved = 0;

  function hold(most: number): Reservation {
    let open = true;
    reserved += most;
    function close(actual: number): void {
      mustBeAmount(actual);
      if (!open) return;
      open = false;
      reserved -= most;
      settled += actual;
    }
    return { settle: close, release: () => close(0) };
  }

  return {
    reserve(most): Result<Reservation> {
      mustBeAmount(most);
      if (settled + reserved + most <= ceilingMicroUsd) return ok(hold(most));
      return fail('budget-exhausted', exhausted({ ceilingMicroUsd, settled, reserved, most }));
    },
    settledMicroUsd: () => settled,
  };
}

interface Standing {
  readonly ceilingMicroUsd: number;
  readonly settled: number;
  readonly reserved: number;
  readonly most: number;
}

function exhausted({ ceilingMicroUsd, settled, reserved, most }: Standing): string {
  const held = reserved === 0 ? '' : ` and ${inUsd(reserved)} is held for calls in flight`;
  return (
    `The next call may cost up to ${inUsd(most)}, but of the budget of ${inUsd(ceilingMicroUsd)} ` +
    `${inUsd(settled)} is spent${held}. Raise the budget, or ask for less output or a cheaper model.`
  );
}

/** At least cents, and as many digits as a small amount needs. */
function inUsd(microUsd: number): string {
  const [whole = '0', digits = ''] = (microUsd / 1_000_000).toFixed(6).split('.');
  return `$${whole}.${digits.replace(/0{1,4}$/, '')}`;
}

function mustBeAmount(microUsd: number): void {
  if (Number.isSafeInteger(microUsd) && microUsd >= 0) return;
  throw new RangeError(`A budget counts whole micro-USD from 0, not ${microUsd}`);
}
