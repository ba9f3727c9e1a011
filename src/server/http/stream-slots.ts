import { fail, ok, type Result } from '../../core/index.ts';
import type { ServerLimits } from '../limits.ts';

/** Counts open event streams. */
export interface StreamSlots {
  /** Takes a place; what it gives is called once to leave it. */
  take(owner: string): Result<() => void>;
  open(): number;
}

/** Makes places for event streams: so many of one owner, and of all. */
export function createStreamSlots(
  limits: Pick<ServerLimits, 'streamsMax' | 'streamsPerKeyMax'>,
): StreamSlots {
  const owners = new Map<string, number>();
  let open = 0;
  return {
    open: () => open,
    take(owner) {
      const own = owners.get(owner) ?? 0;
      if (own >= limits.streamsPerKeyMax || open >= limits.streamsMax) {
        return fail(
          'too-many-requests',
          'Too many event streams are open: close some, or poll the job instead.',
          {
            retryAfterMs: 5_000,
          },
        );
      }
      owners.set(owner, own + 1);
      open += 1;
      return ok(() => {
        open -= 1;
        const left = (owners.get(owner) ?? 1) - 1;
        if (left === 0) owners.delete(owner);
        else owners.set(owner, left);
      });
    },
  };
}
