import { type Attempt, type Model, type ModelEnd, noUsage, type Usage } from '../../core/index.ts';
import type { Inspan } from '../../inspan.ts';

/** A model, and what it was asked so far. */
export interface Metered {
  readonly model: Model;
  /** Every call that was billed, or may have been. */
  attempts(): readonly Attempt[];
}

/** What calls cost, in micro-USD. */
export interface Bill {
  readonly costMicroUsd: number | 'unknown';
  /** What calls that broke off may have cost beyond that. */
  readonly unreportedMicroUsd: number | 'unknown';
}

/** Keeps account of what the calls of a model used, failed ones too. */
export function metered(model: Model): Metered {
  const attempts: Attempt[] = [];
  return {
    attempts: () => attempts,
    model: {
      ...model,
      async *stream(request, signal) {
        for await (const event of model.stream(request, signal)) {
          if (event.type === 'end') attempts.push(...attemptsOf(event.end, model.id));
          yield event;
        }
      },
    },
  };
}

function attemptsOf(end: ModelEnd, id: string): readonly Attempt[] {
  const before = end.attempts ?? [];
  if (end.type === 'reply') return [...before, { model: end.reply.model, usage: end.reply.usage }];
  const { usage = noUsage, estimate } = end;
  return [...before, { model: id, usage, ...(estimate === undefined ? {} : { estimate }) }];
}

/** Adds up what calls cost. Unknown plus anything is unknown. */
export async function billOf(
  attempts: readonly Attempt[],
  { costOf }: Pick<Inspan, 'costOf'>,
): Promise<Bill> {
  const sum = async (used: (attempt: Attempt) => Usage): Promise<number | 'unknown'> => {
    const costs = await Promise.all(attempts.map((attempt) => costOf(attempt.model, used(attempt))));
    return costs.reduce<number | 'unknown'>(
      (total, cost) => (total === 'unknown' || cost === 'unknown' ? 'unknown' : total + cost),
      0,
    );
  };
  return {
    costMicroUsd: await sum(({ usage }) => usage),
    unreportedMicroUsd: await sum(({ estimate = noUsage }) => estimate),
  };
}
