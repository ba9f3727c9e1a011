import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createInspan } from '../../src/inspan.ts';
import { type RunningSimulator, startSimulator } from '../../src/simulator.ts';
import { model } from './bill.ts';
import { type Gateway, openGateway } from './gateway.ts';
import { openProcesses, type Process, type Processes } from './processes.ts';

/** The folder of the team whose jobs are run. */
export const bakery = fileURLToPath(new URL('bakery', import.meta.url));

/** Who brings jobs. */
export const tenants = Object.freeze(['north', 'south', 'west']);

/** How many jobs of one tenant may run at once. */
export const tenantJobsMax = 4;

/** Short, so that a process can be frozen beyond it. */
export const leaseMs = 3_000;

/** What all settings have in common: a provider, a gateway to it, a folder, and real processes. */
export interface House {
  readonly simulator: RunningSimulator;
  readonly gateway: Gateway;
  readonly processes: Processes;
  /** Where outside effects leave their lines, and a database its file. */
  readonly folder: string;
  /** Starts a process under a name of its own: `worker` becomes `worker-1`, `worker-2` … */
  start(name: string, words: readonly string[]): Process;
  close(): Promise<void>;
}

/** Something that happens to a process. */
export interface Kill {
  readonly process: string;
  readonly atMs: number;
}

/** From when the store began to fail until it had settled again. */
export interface Outage {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Jobs at work on a store, and what can befall them. */
export interface Setting {
  /** Where the API listens: the same for all its lives. */
  readonly url: string;
  /** Tenant → API key. */
  readonly keys: Readonly<Record<string, string>>;
  /** One of each round of mischief, by its name. Each resolves when the next may come. */
  readonly mishaps: readonly (readonly [name: string, befall: () => Promise<void>])[];
  /** SIGKILLs of processes that run jobs. */
  readonly kills: readonly Kill[];
  /** When the truth itself was away, or had just come back: a worker's death is found out later then. */
  readonly outages: readonly Outage[];
  /** How many jobs of each tenant run now, by the truth; null while it cannot be asked. */
  running(): Promise<Readonly<Record<string, number>> | null>;
  /** Lets what still happens come to its end, and asks all processes to go. */
  calmDown(): Promise<void>;
  close(): Promise<void>;
}

/** A call takes some 80 ms: long enough to be struck, short enough for hundreds of jobs. */
const speed = Object.freeze({ firstTokenMs: 40, tokensPerSecond: 1_000 });

/** Opens a house. */
export async function openHouse(): Promise<House> {
  const folder = await mkdtemp(join(tmpdir(), 'inspan-chaos-'));
  const simulator = await startSimulator({ profile: { speed } });
  const gateway = await openGateway(simulator.url);
  const processes = openProcesses();
  const counts = new Map<string, number>();
  return {
    simulator,
    gateway,
    processes,
    folder,
    start(kind, words) {
      const number = (counts.get(kind) ?? 0) + 1;
      counts.set(kind, number);
      const name = `${kind}-${number}`;
      return processes.start(name, [...words, '--model', model, '--json'], {
        ANTHROPIC_BASE_URL: gateway.urlFor(name),
        ANTHROPIC_API_KEY: 'sk-simulator',
        BAKERY_BOOKS: folder,
      });
    },
    async close() {
      await processes.close();
      await gateway.close();
      await simulator.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Makes a key for each tenant, before any server begins. */
export async function makeKeys(database: string): Promise<Readonly<Record<string, string>>> {
  const inspan = createInspan({ environment: {} });
  const service = await inspan.openService({ database, teams: [] });
  const made = await Promise.all(
    tenants.map(async (tenant) => {
      const scopes = ['admin'] as const;
      const key = await service.keys.make({ label: 'chaos', tenant, scopes, expiresAtMs: null });
      if (!key.ok) throw new Error(key.failure.message);
      return [tenant, key.value.key] as const;
    }),
  );
  await service.close();
  await inspan.close();
  return Object.fromEntries(made);
}

/** The words by which a process that runs jobs is started. */
export function workWords(database: string): readonly string[] {
  const lease = ['--lease', String(leaseMs / 1_000), '--tenant-jobs', String(tenantJobsMax)];
  return [bakery, '--database', database, ...lease];
}

/** What was begun beside the rest and has to end before all is calm. */
export interface Loose {
  begin(work: Promise<unknown>): void;
  /** Resolves when nothing is left. */
  ended(): Promise<void>;
}

/** Keeps hold of what nobody waits for at once. */
export function createLoose(): Loose {
  const begun = new Set<Promise<unknown>>();
  return {
    begin(work) {
      const kept = work.finally(() => begun.delete(kept));
      begun.add(kept);
    },
    async ended() {
      while (begun.size > 0) await Promise.all([...begun, sleep(1)]);
    },
  };
}
