import type { Clock, Hot } from '../../core/index.ts';
import { createMemoryHot } from './memory-hot.ts';

/**
 * For one process of several that have no Redis: news and tokens are its own.
 * Keeps no copies, which nobody would replace when others change a job. Never says that it is reachable, so that
 * whoever listens looks at the truth all the same.
 */
export function createLocalHot(clock: Clock): Hot {
  return {
    ...createMemoryHot(clock),
    get: async () => null,
    set: async () => {},
    isReachable: () => false,
  };
}
