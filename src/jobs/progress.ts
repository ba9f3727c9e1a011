import { isEnded, type JobState, type StoredEvent } from '../core/index.ts';
import type { JobProgress } from './desk.ts';

/** How far a job is that has only been accepted. */
export const emptyProgress: JobProgress = Object.freeze({
  agents: Object.freeze([]),
  calls: 0,
  toolCalls: 0,
  costMicroUsd: 0,
  eventSeq: 0,
  isEnded: false,
});

/** Says how far a job is by its events; `before` is what earlier ones have said already. */
export function progressOf(events: readonly StoredEvent[], before: JobProgress = emptyProgress): JobProgress {
  return events.reduce(addToProgress, before);
}

/** Takes one more event into account. One that was counted before changes nothing. */
export function addToProgress(progress: JobProgress, event: StoredEvent): JobProgress {
  if (event.seq <= progress.eventSeq) return progress;
  return { ...counted(progress, event), eventSeq: event.seq };
}

function counted(progress: JobProgress, event: StoredEvent): JobProgress {
  switch (event.type) {
    case 'job-started':
      return { ...progress, agents: withNew(progress.agents, event.agents) };
    case 'agent-started':
      return { ...progress, agents: withState(progress.agents, event.agent, 'working') };
    case 'agent-ended':
      return { ...progress, agents: withState(progress.agents, event.agent, event.outcome) };
    case 'agent-skipped':
      return { ...progress, agents: withState(progress.agents, event.agent, 'skipped') };
    case 'tool-called':
      return { ...progress, toolCalls: progress.toolCalls + 1 };
    case 'model-called':
      return {
        ...progress,
        calls: progress.calls + 1,
        // A sum that leaves something out is not a sum.
        costMicroUsd:
          progress.costMicroUsd === 'unknown' || event.costMicroUsd === 'unknown'
            ? 'unknown'
            : progress.costMicroUsd + event.costMicroUsd,
      };
    case 'job-moved':
      return moved(progress, event.state);
    default:
      return progress;
  }
}

type Agents = JobProgress['agents'];
type AgentState = Agents[number]['state'];

function withNew(agents: Agents, names: readonly string[]): Agents {
  const known = new Set(agents.map(({ name }) => name));
  const added = names.filter((name) => !known.has(name));
  return [...agents, ...added.map((name) => ({ name, state: 'waiting' as const }))];
}

function withState(agents: Agents, name: string, state: AgentState): Agents {
  return withNew(agents, [name]).map((agent) => (agent.name === name ? { name, state } : agent));
}

/** Nobody works on a job that has ended; once it is retried, whoever had failed waits for another turn, too. */
function moved(progress: JobProgress, state: JobState): JobProgress {
  if (isEnded(state))
    return { ...progress, isEnded: true, agents: backToWaiting(progress.agents, 'working') };
  if (!progress.isEnded) return progress;
  return { ...progress, isEnded: false, agents: backToWaiting(progress.agents, 'failed') };
}

function backToWaiting(agents: Agents, from: AgentState): Agents {
  return agents.map((agent) => (agent.state === from ? { ...agent, state: 'waiting' } : agent));
}
