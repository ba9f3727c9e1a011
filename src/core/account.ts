import type { Usage } from './usage.ts';

/** What one agent used, over all its runs in a job. */
export interface AgentAccount {
  readonly calls: number;
  readonly toolCalls: number;
  readonly usage: Usage;
  /** Integer micro-USD; `unknown` when a price of any of its calls is. */
  readonly costMicroUsd: number | 'unknown';
  /** What calls may have cost beyond that without their provider ever saying so: held against the budget. */
  readonly unreported: { readonly calls: number; readonly costMicroUsd: number | 'unknown' };
  /** The largest request it sent: how full its context got. Estimated where its provider reported nothing. */
  readonly contextTokens: number;
  /** The models that answered it, sorted. */
  readonly models: readonly string[];
}

/** What a job used: the sum of its agents, never more and never less. */
export interface JobAccount {
  readonly agents: Readonly<Record<string, AgentAccount>>;
  readonly total: Omit<AgentAccount, 'contextTokens' | 'models'>;
}
