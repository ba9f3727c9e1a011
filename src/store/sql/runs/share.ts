import type { QueueEntry, QueueWant, TenantCeilings } from '../../../core/index.ts';

/** Takes entries out of the line. */
export type TakeEntries = (want: QueueWant) => Promise<readonly QueueEntry[]>;

/** What is to be shared, and among whom. */
export interface Sharing {
  readonly max: number;
  readonly ceilings: TenantCeilings;
  /** Tenant → how many of its jobs run. */
  readonly running: ReadonlyMap<string, number>;
}

/** Who is asked in a round, and for how much. */
interface Round {
  /** Tenants with more running jobs than this are left out. */
  readonly level: number;
  /** How many each of the others may get. */
  readonly step: number;
}

/**
 * Takes entries fairly: tenants with the fewest running jobs first, none beyond its ceiling.
 * Like water: the lowest are raised to the level of the next ones, then all these together, until `max` are taken or
 * nobody is left. Every round takes something, asks for less, or goes up to the next tenants: their number is bounded.
 */
export async function takeFairly(sharing: Sharing, take: TakeEntries): Promise<readonly QueueEntry[]> {
  const { max, ceilings } = sharing;
  const running = new Map(sharing.running);
  for (const tenant of Object.keys(ceilings.tenants)) running.set(tenant, running.get(tenant) ?? 0);
  const taken: QueueEntry[] = [];
  let round: Round | null = { level: 0, step: 1 };
  while (round !== null && taken.length < max) {
    const { level, step } = round;
    const without = [...running].flatMap(([tenant, jobs]) =>
      jobs > level || roomOf(tenant, jobs, ceilings) < step ? [tenant] : [],
    );
    const entries = await take({ max: max - taken.length, perTenantMax: step, without });
    for (const { tenant } of entries) running.set(tenant, (running.get(tenant) ?? 0) + 1);
    taken.push(...entries);
    const tenants = new Set(entries.map(({ tenant }) => tenant));
    round = nextRound(round, { ceilings, running, tenants, left: max - taken.length });
  }
  return taken;
}

interface Taken {
  readonly ceilings: TenantCeilings;
  readonly running: ReadonlyMap<string, number>;
  /** Who got something. */
  readonly tenants: ReadonlySet<string>;
  readonly left: number;
}

function nextRound({ level, step }: Round, { ceilings, running, tenants, left }: Taken): Round | null {
  const higher = [...running.values()].filter((jobs) => jobs > level);
  if (tenants.size === 0) {
    // Those with less room than the step were left out.
    if (step > 1) return { level, step: 1 };
    return higher.length === 0 ? null : { level: Math.min(...higher), step: 1 };
  }
  // Whoever got a whole step stands here now; whoever got less has nothing left in line.
  const reached = level + step;
  const above = [...running.values()].filter((jobs) => jobs > reached);
  const beside = [...running].filter(([tenant, jobs]) => jobs === reached && !tenants.has(tenant)).length;
  const gap = Math.min(...above.map((jobs) => jobs - reached));
  const fair = Math.floor(left / (tenants.size + beside));
  return { level: reached, step: Math.max(1, Math.min(gap, fair, ceilings.others || fair)) };
}

function roomOf(tenant: string, jobs: number, { others, tenants }: TenantCeilings): number {
  const ceiling = Object.hasOwn(tenants, tenant) ? tenants[tenant] : others;
  return (ceiling ?? Number.POSITIVE_INFINITY) - jobs;
}
