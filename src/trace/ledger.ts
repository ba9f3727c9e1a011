import {
  type AgentAccount,
  addUsage,
  type JobAccount,
  type NumberedEvent,
  noUsage,
  totalInputTokens,
} from '../core/index.ts';

/** Adds up what a job used. Calls answered from the record count: somebody paid for them once. */
export function accountOf(events: readonly NumberedEvent[]): JobAccount {
  const byName = new Map<string, AgentAccount>();
  for (const event of events) {
    if (event.type !== 'model-called' && event.type !== 'tool-called') continue;
    byName.set(event.agent, addEvent(byName.get(event.agent) ?? emptyAccount, event));
  }
  const accounts = [...byName.values()];
  return {
    agents: Object.fromEntries(byName),
    total: {
      calls: sum(accounts.map(({ calls }) => calls)),
      toolCalls: sum(accounts.map(({ toolCalls }) => toolCalls)),
      usage: accounts.map(({ usage }) => usage).reduce(addUsage, noUsage),
      costMicroUsd: accounts.map(({ costMicroUsd }) => costMicroUsd).reduce(addCost, 0),
      unreported: accounts.map(({ unreported }) => unreported).reduce(addUnreported, noneUnreported),
    },
  };
}

type Unreported = AgentAccount['unreported'];

const noneUnreported: Unreported = Object.freeze({ calls: 0, costMicroUsd: 0 });

function addUnreported(a: Unreported, b: Unreported): Unreported {
  return { calls: a.calls + b.calls, costMicroUsd: addCost(a.costMicroUsd, b.costMicroUsd) };
}

const emptyAccount: AgentAccount = Object.freeze({
  calls: 0,
  toolCalls: 0,
  usage: noUsage,
  costMicroUsd: 0,
  unreported: noneUnreported,
  contextTokens: 0,
  models: [],
});

type Counted = Extract<NumberedEvent, { readonly type: 'model-called' | 'tool-called' }>;

function addEvent(account: AgentAccount, event: Counted): AgentAccount {
  if (event.type === 'tool-called') return { ...account, toolCalls: account.toolCalls + 1 };
  return {
    ...account,
    calls: account.calls + 1,
    usage: addUsage(account.usage, event.usage),
    costMicroUsd: addCost(account.costMicroUsd, event.costMicroUsd),
    unreported:
      event.estimate === undefined
        ? account.unreported
        : addUnreported(account.unreported, { calls: 1, costMicroUsd: event.estimate.costMicroUsd }),
    // The provider's own figure where there is one.
    contextTokens: Math.max(account.contextTokens, totalInputTokens(event.usage) || event.contextTokens),
    models: [...new Set([...account.models, event.model])].sort(),
  };
}

/** Unknown plus anything is unknown: a sum that leaves something out is not a sum. */
function addCost(a: number | 'unknown', b: number | 'unknown'): number | 'unknown' {
  return a === 'unknown' || b === 'unknown' ? 'unknown' : a + b;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
