import type { QueueEntry } from '../../../core/index.ts';

/** Where an entry stands before its age is asked: the higher goes first. What has been begun is a half step above. */
export function rankOf({ priority, isBegun }: Pick<QueueEntry, 'priority' | 'isBegun'>): number {
  return 2 * priority + (isBegun ? 1 : 0);
}

/** What a rank was made of. */
export function fromRank(rank: number): Pick<QueueEntry, 'priority' | 'isBegun'> {
  return { priority: Math.floor(rank / 2), isBegun: rank % 2 !== 0 };
}
