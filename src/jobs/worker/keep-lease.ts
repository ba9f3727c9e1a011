import type { Beat, Lease } from '../../core/index.ts';
import { backoffMs } from './backoff.ts';
import { createBell } from './bell.ts';
import type { Office } from './office.ts';

/** Keeps a worker known and alive, and its jobs its own. */
export interface LeaseKeeper {
  /** The name it is enrolled under; null while it is not. */
  enrolled(): string | null;
  /** Enrols and beats until the signal fires. */
  keep(over: AbortSignal): Promise<void>;
  /** Beats at once instead of when it is time. */
  beatSoon(): void;
}

/** A store that fails for longer is asked this often. */
const enrolBackoff = Object.freeze({ firstMs: 200, mostMs: 5_000 });

/** Makes the keeper of a worker's leases. `onEnrolled` is called each time it may claim (again). */
export function createLeaseKeeper(office: Office, onEnrolled: () => void): LeaseKeeper {
  const { parts, terms } = office;
  const { store, clock, random } = parts;
  const bell = createBell();
  let name: string | null = null;
  let names = 0;
  let failures = 0;
  /** Leases that nobody here holds, and since when. */
  let strays: ReadonlyMap<string, number> = new Map();

  /** Who was given up comes back under another name: what is left of the old one is nobody's. */
  async function enrol(): Promise<void> {
    names += 1;
    const id = names === 1 ? terms.id : `${terms.id}.${names}`;
    const { concurrency, leaseMs } = terms;
    const askedAtMs = clock.now();
    const enrolled = await office.ask(() => store.runs.enrol({ id, concurrency, leaseMs }));
    failures = enrolled.ok ? 0 : failures + 1;
    if (!enrolled.ok) return;
    name = id;
    office.life.prove(askedAtMs);
    onEnrolled();
  }

  async function beat(id: string): Promise<void> {
    const before = [...office.held];
    const askedAtMs = clock.now();
    const answer = await office.ask(() => store.runs.beat(id));
    if (!answer.ok) return;
    if (answer.value.alive) {
      // First those are stopped that are somebody else's by now: of the others the worker may be sure.
      hearBeat(before, answer.value);
      office.life.prove(askedAtMs);
      strays = await returnStrays(answer.value.held, strays, office);
      return;
    }
    for (const held of before) held.stop('lost');
    parts.report(`Worker ${id} was silent for too long and was given up; it goes on under another name.`);
    name = null;
    bell.ring();
  }

  return {
    enrolled: () => name,
    beatSoon: bell.ring,
    async keep(over) {
      while (!over.aborted) {
        if (name === null) await enrol();
        else await beat(name);
        const waitMs = name === null ? backoffMs(failures, enrolBackoff, random) : beatMs(office);
        await bell.wait((signal) => clock.sleep(waitMs, signal));
      }
    },
  };
}

/** Two beats may be lost and the worker still counts as alive. */
function beatMs({ terms }: Office): number {
  return terms.leaseMs / 3;
}

type HeldBefore = Office['held'] extends Set<infer Held> ? readonly Held[] : never;

/** Only of what was held before the beat went out does its answer say anything. */
function hearBeat(before: HeldBefore, { held: leases }: Extract<Beat, { readonly alive: true }>): void {
  const known = new Map(leases.map((lease) => [lease.job, lease]));
  for (const held of before) {
    const lease = known.get(held.lease.job);
    if (lease?.epoch !== held.lease.epoch) held.stop('lost');
    else if (lease.cancelAsked) held.stop('cancelled');
  }
}

/**
 * Hands over jobs whose claim this worker never heard of, because the answer was lost: its beats would keep them from
 * everyone. A claim that is under way looks the same, so only what stays so from one beat to the next is a stray.
 */
async function returnStrays(
  leases: readonly Lease[],
  before: ReadonlyMap<string, number>,
  office: Office,
): Promise<ReadonlyMap<string, number>> {
  const { store, clock } = office.parts;
  const held = new Set([...office.held].map(({ lease }) => nameOf(lease)));
  const now = new Map<string, number>();
  for (const { job, epoch } of leases) {
    const stray = nameOf({ job, epoch });
    if (held.has(stray)) continue;
    const sinceMs = before.get(stray) ?? clock.now();
    now.set(stray, sinceMs);
    if (clock.now() - sinceMs < beatMs(office) / 2) continue;
    const ending = {
      type: 'handed-over',
      notBeforeMs: null,
      failure: null,
      why: 'its claim got lost',
    } as const;
    await office.ask(() => store.runs.settle({ job, epoch }, ending));
  }
  return now;
}

function nameOf({ job, epoch }: Lease): string {
  return `${job} ${epoch}`;
}
