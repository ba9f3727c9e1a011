import type { QueueEntry, QueueWant } from '../../../core/index.ts';

/** Takes the first entries out of the line, of all tenants but some. */
export type TakeFirst = (count: number, without: readonly string[]) => Promise<readonly QueueEntry[]>;

/**
 * Takes entries in order, never more than `perTenantMax` of one tenant: no more at once than every tenant may still have,
 * and none of those who have had theirs.
 */
export async function takeFairly(
  { max, perTenantMax, without }: QueueWant,
  takeFirst: TakeFirst,
): Promise<readonly QueueEntry[]> {
  if (perTenantMax < 1) return [];
  const taken: QueueEntry[] = [];
  const counts = new Map<string, number>();
  while (taken.length < max) {
    const served = [...counts].filter(([, count]) => count >= perTenantMax).map(([tenant]) => tenant);
    const most = Math.max(0, ...[...counts.values()].filter((count) => count < perTenantMax));
    const wanted = Math.min(max - taken.length, perTenantMax - most);
    const entries = await takeFirst(wanted, [...without, ...served]);
    taken.push(...entries);
    for (const { tenant } of entries) counts.set(tenant, (counts.get(tenant) ?? 0) + 1);
    if (entries.length < wanted) break;
  }
  return taken;
}
