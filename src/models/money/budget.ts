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

  // Whoever came first is served first, or small calls would starve a large one.
  const waiting = new Set<() => boolean>();

  function hold(most: number): Reservation {
    let open = true;
    reserved += most;
    function close(actual: number): void {
      mustBeAmount(actual);
      if (!open) return;
      open = false;
      reserved -= most;
      settled += actual;
      // Who is served takes itself out, which a set in a loop allows.
      for (const serve of waiting) if (!serve()) break;
    }
    return { settle: close, release: () => close(0) };
  }

  /** Null while a wait may help. */
  function tryReserve(most: number): Result<Reservation> | null {
    if (settled + reserved + most <= ceilingMicroUsd) return ok(hold(most));
    if (reserved > 0 && settled + most <= ceilingMicroUsd) return null;
    return fail('budget-exhausted', exhausted({ ceilingMicroUsd, settled, most }));
  }

  return {
    async reserve(most, signal): Promise<Result<Reservation>> {
      mustBeAmount(most);
      const now = waiting.size === 0 ? tryReserve(most) : null;
      if (now !== null) return now;
      return await new Promise((resolve) => {
        const leave = (): void => {
          waiting.delete(serve);
          resolve(fail('cancelled', 'The call was cancelled while it waited for its budget.'));
        };
        function serve(): boolean {
          const reservation = tryReserve(most);
          if (reservation === null) return false;
          waiting.delete(serve);
          signal.removeEventListener('abort', leave);
          resolve(reservation);
          return true;
        }
        if (signal.aborted) return leave();
        signal.addEventListener('abort', leave, { once: true });
        waiting.add(serve);
      });
    },
    settledMicroUsd: () => settled,
  };
}

interface Standing {
  readonly ceilingMicroUsd: number;
  readonly settled: number;
  readonly most: number;
}

function exhausted({ ceilingMicroUsd, settled, most }: Standing): string {
  return (
    `The next call may cost up to ${inUsd(most)}, but of the budget of ${inUsd(ceilingMicroUsd)} ` +
    `${inUsd(settled)} is spent. Raise the budget, or ask for less output or a cheaper model.`
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
