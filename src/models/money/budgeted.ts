import {
  type Budget,
  type CacheLife,
  type CountTokens,
  type Failure,
  failure,
  type Model,
  type ModelEnd,
  type ModelRequest,
  ok,
  type Reservation,
} from '../../core/index.ts';
import { outputLimitsOf } from '../capabilities/output-limits.ts';
import { type Gate, gated } from '../onion/gate.ts';
import { type CountRequest, createRequestCounter } from '../onion/request-counter.ts';
import { costMicroUsd, worstCostMicroUsd } from './cost.ts';
import type { Price } from './prices.ts';

/** What a budgeted model needs to know. */
export interface BudgetedOptions {
  readonly budget: Budget;
  readonly priceOf: (modelId: string) => Price | null;
  readonly countTokens: CountTokens;
}

/**
 * Never lets a call begin that could break the budget: the worst case is reserved first, the actual settled after,
 * also for calls that failed. A model without a known price fails with `wrong-config`.
 */
export function budgeted(model: Model, { budget, priceOf, countTokens }: BudgetedOptions): Model {
  const tokensOf = createRequestCounter(countTokens)(model.id);
  return gated(model, [budgetGate(model.id, { budget, priceOf, tokensOf })]);
}

/** What the gate needs instead of a counter. */
export interface BudgetGateOptions extends Pick<BudgetedOptions, 'budget' | 'priceOf'> {
  readonly tokensOf: CountRequest;
}

/** The gate of `budgeted`. */
export function budgetGate(modelId: string, { budget, priceOf, tokensOf }: BudgetGateOptions): Gate {
  const price = priceOf(modelId);
  return {
    async enter(request, signal) {
      if (price === null) return { ok: false, failure: unknownPrice(modelId) };
      const worst = worstCostMicroUsd(price, {
        inputTokens: tokensOf(request),
        outputTokens: outputLimitsOf(request, modelId).tokensMax,
        life: longestMark(request),
      });
      const reserved = await budget.reserve(worst, signal);
      if (!reserved.ok) return reserved;
      const reservation: Reservation = reserved.value;
      return ok({
        see(event) {
          // Before the reader sees the end: what it asks next must find the books in order.
          if (event.type === 'end') reservation.settle(costOfEnd(event.end, price, priceOf));
          return event;
        },
        // Only a reader that left before the end gets here unsettled. What that call costs nobody will say: the most it can.
        leave: () => reservation.settle(worst),
      });
    },
  };
}

/** Writing for longer costs more, and one long mark is enough to have everything before it written so. */
function longestMark({ system, messages }: ModelRequest): CacheLife {
  const isLong = (part: { readonly cacheMark?: string }): boolean => part.cacheMark === 'long';
  const marked = messages.some((message) => message.role === 'user' && isLong(message));
  return marked || system.some(isLong) ? 'long' : 'short';
}

/** A chain may have been answered by another model than it is named after, at that model's price. */
function costOfEnd(end: ModelEnd, price: Price, priceOf: BudgetedOptions['priceOf']): number {
  if (end.type === 'reply') return costMicroUsd(priceOf(end.reply.model) ?? price, end.reply.usage);
  const { usage, estimate } = end;
  // What was not reported may be billed all the same: it counts, and is told apart in the account.
  return [usage, estimate].reduce(
    (sum, used) => sum + (used === undefined ? 0 : costMicroUsd(price, used)),
    0,
  );
}

function unknownPrice(id: string): Failure {
  return failure(
    'wrong-config',
    `No price is known for ${id}, so no budget can be kept with it. Add its price under prices of createInspan, choose a model with a known price, or remove the budget.`,
  );
}
