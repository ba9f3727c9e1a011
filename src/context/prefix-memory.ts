import type { CachePolicy, Clock, PrefixParts } from '../core/index.ts';
import { prefixBreak } from './prefix-break.ts';

/** Remembers, across jobs, what agents' requests began with. One for all jobs of a process. */
export interface PrefixMemory {
  /** What one job of a team reads and writes of it: `CachePolicy.beginWith`. */
  of(team: string): CachePolicy['beginWith'];
}

/** Makes a memory that forgets what no prompt cache would hold any more. */
export function createPrefixMemory(clock: Pick<Clock, 'now'>): PrefixMemory {
  const agents = new Map<string, readonly Sent[]>();
  return {
    of(team) {
      const begun = new Set<string>();
      return (agent, parts) => {
        const isFirst = !begun.has(agent);
        begun.add(agent);
        const key = JSON.stringify([team, agent]);
        const known = (agents.get(key) ?? []).filter(({ atMs }) => clock.now() - atMs <= rememberedMs);
        const rest = known.filter((one) => !isSame(one.parts, parts));
        // Taken out and put back: a map keeps its order, so the first is always the one unused for longest.
        agents.delete(key);
        agents.set(key, [{ parts, atMs: clock.now() }, ...rest].slice(0, versionsMax));
        const [oldest] = agents.keys();
        if (agents.size > agentsMax && oldest !== undefined) agents.delete(oldest);
        return { isFirst, before: rest.length < known.length ? null : (known[0]?.parts ?? null) };
      };
    },
  };
}

interface Sent {
  readonly parts: PrefixParts;
  readonly atMs: number;
}

/** The long life of Anthropic's cache (an hour); longer ago, nothing can have been lost. */
const rememberedMs = 60 * 60_000;

/** Two releases side by side, each with its own prefix, break nothing; a clock in a prompt makes a new one each job. */
const versionsMax = 4;

/** Agents remembered: their static parts are held by their teams anyway, so this only stops a leak. */
const agentsMax = 1_000;

function isSame(a: PrefixParts, b: PrefixParts): boolean {
  return (a.tools === b.tools && a.system === b.system) || prefixBreak(a, b, () => 0) === null;
}
