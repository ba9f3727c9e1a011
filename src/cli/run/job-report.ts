import type { AgentAccount, Failure, JobAccount, Json, Usage } from '../../core/index.ts';
import type { EndedJob } from '../../jobs/index.ts';

/** A job as JSON: what `--json` prints and `result.json` holds. */
export interface JobReport {
  readonly job: string;
  readonly team: string;
  readonly digest: string;
  readonly outcome: EndedJob['outcome'];
  readonly failure: Failure | null;
  readonly result: Readonly<Record<string, unknown>>;
  readonly cuts: EndedJob['cuts'];
  readonly warnings: readonly string[];
  /** Ids of the models that answered, sorted; those that would have where none did. */
  readonly models: readonly string[];
  readonly usage: {
    readonly total: UsageReport;
    readonly agents: Readonly<Record<string, AgentReport>>;
  };
  readonly cost: { readonly usd: number | 'unknown' };
  readonly elapsedMs: number;
  /** The folder with the files, where there is one. */
  readonly out?: string;
}

/** What was used, in the buckets of `Usage`, which never overlap. */
export interface UsageReport extends Usage {
  readonly calls: number;
  readonly toolCalls: number;
  readonly costUsd: number | 'unknown';
  /** Calls that broke off before their provider said what they used, and what they may have cost beside `costUsd`. */
  readonly unreported: { readonly calls: number; readonly costUsdMax: number | 'unknown' };
}

/** What one agent used. */
export interface AgentReport extends UsageReport {
  /** Its largest request, in tokens counted here. */
  readonly contextTokens: number;
  readonly models: readonly string[];
}

/** What a report says besides the ended job. */
export interface ReportParts {
  readonly warnings: readonly string[];
  /** Ids of the models chosen for the job. */
  readonly models: readonly string[];
  readonly out: string | null;
}

/** Writes up an ended job. */
export function jobReport(ended: EndedJob, { warnings, models, out }: ReportParts): JobReport {
  const { job, team, digest, outcome, failure, result, cuts, usage, cost, elapsedMs } = ended;
  const answered = [...new Set(Object.values(usage.agents).flatMap((agent) => agent.models))].sort();
  return {
    job,
    team,
    digest,
    outcome,
    failure,
    result: result as Readonly<Record<string, Json>>,
    cuts,
    warnings,
    models: answered.length > 0 ? answered : models,
    usage: {
      total: usageReport(usage.total),
      agents: Object.fromEntries(
        Object.entries(usage.agents).map(([name, agent]) => [name, agentReport(agent)]),
      ),
    },
    cost: { usd: cost.usd },
    elapsedMs,
    ...(out === null ? {} : { out }),
  };
}

function agentReport(agent: AgentAccount): AgentReport {
  return { ...usageReport(agent), contextTokens: agent.contextTokens, models: agent.models };
}

function usageReport({
  calls,
  toolCalls,
  usage,
  costMicroUsd,
  unreported,
}: JobAccount['total']): UsageReport {
  return {
    calls,
    toolCalls,
    ...usage,
    costUsd: inUsd(costMicroUsd),
    unreported: { calls: unreported.calls, costUsdMax: inUsd(unreported.costMicroUsd) },
  };
}

function inUsd(microUsd: number | 'unknown'): number | 'unknown' {
  return microUsd === 'unknown' ? 'unknown' : microUsd / 1_000_000;
}
