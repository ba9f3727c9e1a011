import {
  type Budget,
  type CountTokens,
  type Failure,
  failure,
  type Model,
  type ModelEnd,
  type ModelEvent,
  type ModelRequest,
  type Reservation,
} from '../../core/index.ts';
import { tokenFactor } from '../model-facts.ts';
import { requestTokens } from '../wire/request-tokens.ts';
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
export function budgeted(model: Model, options: BudgetedOptions): Model {
  async function* stream(request: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelEvent> {
    const price = options.priceOf(model.id);
    if (price === null) return yield failed(unknownPrice(model.id));
    const worst = worstOf(request, price, options.countTokens);
    const reserved = options.budget.reserve(worst);
    if (!reserved.ok) return yield failed(reserved.failure);
    yield* settled(model.stream(request, signal), { reservation: reserved.value, price, worst, options });
  }

  function worstOf(request: ModelRequest, price: Price, countTokens: CountTokens): number {
    const inputTokens = Math.ceil(requestTokens(request, countTokens) * tokenFactor(model.id));
    return worstCostMicroUsd(price, inputTokens, request.outputTokensMax);
  }

  return { id: model.id, contextTokensMax: model.contextTokensMax, stream };
}

interface Held {
  readonly reservation: Reservation;
  readonly price: Price;
  readonly worst: number;
  readonly options: BudgetedOptions;
}

async function* settled(events: AsyncIterable<ModelEvent>, held: Held): AsyncGenerator<ModelEvent> {
  try {
    for await (const event of events) {
      // Before the reader sees the end: what it asks next must find the books in order.
      if (event.type === 'end') held.reservation.settle(costOf(event.end, held));
      yield event;
    }
  } finally {
    // Only a reader that left before the end gets here unsettled. What that call costs nobody will say: the most it can.
    held.reservation.settle(held.worst);
  }
}

/** A chain may have been answered by another model than it is named after, at that model's price. */
function costOf(end: ModelEnd, { price, options }: Held): number {
  if (end.type === 'reply') return costMicroUsd(options.priceOf(end.reply.model) ?? price, end.reply.usage);
  return end.usage === undefined ? 0 : costMicroUsd(price, end.usage);
}

function failed(reason: Failure): ModelEvent {
  return { type: 'end', end: { type: 'failed', failure: reason } };
}

function unknownPrice(id: string): Failure {
  return failure(
    'wrong-config',
    `No price is known for ${id}, so no budget can be kept with it. Add its price under prices of createInspan, choose a model with a known price, or remove the budget.`,
  );
}
