import { type NumberedEvent, totalInputTokens, totalOutputTokens } from '../../core/index.ts';
import { cacheLine } from './cache-line.ts';
import type { AgentView, JobView } from './job-view.ts';
import { bytes, count, counted, dollars, duration, oneLine } from './wording.ts';

/** Says an event in one line; null where it is not worth one. `view` is the job after it. */
export function plainLine(event: NumberedEvent, view: JobView): string | null {
  switch (event.type) {
    case 'job-started':
      return `${oneLine(event.team)}: ${counted(event.agents.length, 'agent')}`;
    case 'file-cut':
      return cutLine(event);
    case 'warning':
      return `warning: ${oneLine(event.message)}`;
    case 'agent-started':
      return `${event.agent}: started`;
    case 'file-written':
      return `${event.agent}: wrote ${oneLine(event.path)} (${bytes(event.bytesSize)})`;
    case 'tool-called':
      return event.failed === null ? null : `${event.agent}: ${oneLine(event.tool)} said ${event.failed}`;
    case 'agent-ended':
      return `${event.agent}: ${ending(event)}${usageText(view.agents.find(({ name }) => name === event.agent))}`;
    case 'agent-skipped':
      return `${event.agent}: skipped, ${oneLine(event.reason)}`;
    case 'model-retried':
      return `${event.agent}: ${event.model} ${event.code}, asking again in ${duration(event.waitMs)}`;
    case 'model-fell-back':
      return `${event.agent}: ${event.from} ${event.code}, asking ${event.to} instead`;
    case 'prefix-break':
    case 'prefix-volatile':
      return `warning: ${cacheLine(event)}`;
    case 'prefix-short':
    case 'compacted':
      return `${event.agent}: ${cacheLine(event)}`;
    case 'model-called':
    case 'job-ended':
      return null;
  }
}

/** Says what was kept of a file that was too long. */
export function cutLine(cut: {
  readonly path: string;
  readonly keptCharacters: number;
  readonly characters: number;
}): string {
  const { path, keptCharacters, characters } = cut;
  return `${oneLine(path)} was cut: first ${count(keptCharacters)} of ${counted(characters, 'character')} kept`;
}

function ending(event: Extract<NumberedEvent, { readonly type: 'agent-ended' }>): string {
  return event.outcome === 'done' ? 'done' : `failed (${event.code ?? 'no code'}): ${oneLine(event.said)}`;
}

function usageText(agent: AgentView | undefined): string {
  if (agent === undefined || agent.calls === 0) return '';
  const { calls, usage, costMicroUsd } = agent;
  const cost = costMicroUsd === 0 ? '' : `, cost ${dollars(costMicroUsd)}`;
  return `, ${counted(calls, 'call')}, ${count(totalInputTokens(usage))} tokens in, ${count(totalOutputTokens(usage))} out${cost}`;
}
