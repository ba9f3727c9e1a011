import {
  type AgentAccount,
  addUsage,
  type JobEvent,
  type NumberedEvent,
  noUsage,
  type Usage,
} from '../../core/index.ts';
import { cacheLine } from './cache-line.ts';

/** How a job looks at one moment, as far as its events tell. */
export interface JobView {
  readonly team: string;
  readonly agents: readonly AgentView[];
  readonly warnings: readonly string[];
  /** What answers instead of the team's own models, and why; null where nothing does. */
  readonly notice: string | null;
  readonly outcome: 'runs' | Extract<JobEvent, { type: 'job-ended' }>['outcome'];
}

/** How one agent looks at one moment. */
export interface AgentView {
  readonly name: string;
  readonly isLead: boolean;
  readonly state: 'waits' | 'works' | 'done' | 'failed' | 'skipped';
  /** What it does now, or why it does nothing. */
  readonly now: string;
  /** The file it owes; null for a lead. */
  readonly writes: string | null;
  /** Size of that file once it is there. */
  readonly bytesSize: number | null;
  readonly calls: number;
  readonly toolCalls: number;
  readonly usage: Usage;
  readonly costMicroUsd: AgentAccount['costMicroUsd'];
}

/** What a view must know of a team: of one of this machine, or of a server's. */
export interface TeamToView {
  readonly name: string;
  readonly lead: { readonly name: string } | null;
  readonly members: readonly { readonly name: string; readonly writes: string | null }[];
}

/** How a job looks before anything has happened. */
export function newJobView({ name, lead, members }: TeamToView, notice: string | null): JobView {
  const waiting = {
    state: 'waits',
    now: '',
    bytesSize: null,
    calls: 0,
    toolCalls: 0,
    usage: noUsage,
    costMicroUsd: 0,
  } as const;
  const leads = lead === null ? [] : [{ name: lead.name, isLead: true, writes: null, ...waiting }];
  const others = members.map((member) => ({
    name: member.name,
    isLead: false,
    writes: member.writes,
    ...waiting,
  }));
  return { team: name, agents: [...leads, ...others], warnings: [], notice, outcome: 'runs' };
}

/** How a job looks after one more event. */
export function advance(view: JobView, event: NumberedEvent): JobView {
  switch (event.type) {
    case 'job-started':
    case 'file-cut':
      return view;
    case 'warning':
      return { ...view, warnings: [...view.warnings, event.message] };
    case 'prefix-break':
    case 'prefix-volatile':
      return { ...view, warnings: [...view.warnings, cacheLine(event)] };
    case 'job-ended':
      return { ...view, outcome: event.outcome, agents: view.agents.map(atRest) };
    default:
      return {
        ...view,
        agents: view.agents.map((agent) => (agent.name === event.agent ? changed(agent, event) : agent)),
      };
  }
}

type AgentEvent = Exclude<
  Extract<JobEvent, { readonly agent: string }>,
  { readonly type: 'prefix-break' | 'prefix-volatile' }
>;

function changed(agent: AgentView, event: AgentEvent): AgentView {
  switch (event.type) {
    case 'agent-started':
      return { ...agent, state: 'works', now: 'asks the model' };
    case 'model-called':
      return {
        ...agent,
        now: agent.isLead ? 'delegates' : 'uses the answer',
        calls: agent.calls + 1,
        usage: addUsage(agent.usage, event.usage),
        costMicroUsd: addCost(agent.costMicroUsd, event.costMicroUsd),
      };
    case 'tool-called': {
      const failed = event.failed === null ? '' : ` (${event.failed})`;
      return { ...agent, now: `asks the model after ${event.tool}${failed}`, toolCalls: agent.toolCalls + 1 };
    }
    case 'file-written':
      return event.path === agent.writes ? { ...agent, bytesSize: event.bytesSize } : agent;
    case 'agent-ended':
      return { ...agent, state: event.outcome, now: event.code ?? '' };
    case 'model-retried':
      return { ...agent, now: `asks again after ${event.code}` };
    case 'model-fell-back':
      return { ...agent, now: `asks ${event.to}` };
    case 'compacted':
      return { ...agent, now: 'goes on with less' };
    case 'prefix-short':
      return agent;
    case 'agent-skipped':
      return { ...agent, state: 'skipped', now: event.reason };
  }
}

/** Whoever still worked when the job ended was stopped; whoever waited was never called. */
function atRest(agent: AgentView): AgentView {
  if (agent.state === 'works') return { ...agent, state: 'failed', now: 'stopped' };
  return agent.state === 'waits' ? { ...agent, state: 'skipped', now: 'its turn never came' } : agent;
}

function addCost(a: AgentView['costMicroUsd'], b: AgentView['costMicroUsd']): AgentView['costMicroUsd'] {
  return a === 'unknown' || b === 'unknown' ? 'unknown' : a + b;
}

/** Adds up what all agents of a view used. */
export function totalOf({
  agents,
}: JobView): Pick<AgentView, 'calls' | 'toolCalls' | 'usage' | 'costMicroUsd'> {
  return {
    calls: agents.reduce((sum, { calls }) => sum + calls, 0),
    toolCalls: agents.reduce((sum, { toolCalls }) => sum + toolCalls, 0),
    usage: agents.map(({ usage }) => usage).reduce(addUsage, noUsage),
    costMicroUsd: agents.map(({ costMicroUsd }) => costMicroUsd).reduce(addCost, 0),
  };
}
