import { type NumberedEvent, type Place, totalInputTokens, totalOutputTokens } from '../../core/index.ts';
import type { AgentView, JobView } from './job-view.ts';
import { bytes, count, counted, dollars, oneLine } from './wording.ts';

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
      return `${event.agent}: ${event.model} ${event.code}, trying again in ${seconds(event.waitMs)}`;
    case 'model-fell-back':
      return `${event.agent}: ${event.from} ${event.code}, asking ${event.to} instead`;
    case 'prefix-break':
    case 'prefix-volatile':
    case 'prefix-short':
    case 'compacted':
      return cacheLine(event);
    case 'model-called':
    case 'job-ended':
      return null;
  }
}

type CacheEvent = Extract<
  NumberedEvent,
  { readonly type: 'prefix-break' | 'prefix-volatile' | 'prefix-short' | 'compacted' }
>;

/** Says what became of a prompt prefix, and what that costs. */
export function cacheLine(event: CacheEvent): string {
  switch (event.type) {
    case 'prefix-break':
      return `warning: the prompt prefix of ${event.agent} broke in ${oneLine(event.at)} at byte ${event.byte}: "${oneLine(event.before)}" became "${oneLine(event.after)}", ${lost(event)}`;
    case 'prefix-volatile':
      return `warning: ${placeText(event.place)}the ${event.kind} "${oneLine(event.value)}" stands in ${event.at}, before everything that could be cached: ${lost(event)}`;
    case 'prefix-short':
      return `${event.agent}: its static part has ${count(event.tokens)} tokens; the prompt cache of ${event.model} begins at ${count(event.tokensMin)}`;
    case 'compacted':
      return `${event.agent}: conversation summed up, ${count(event.beforeTokens)} tokens became ${count(event.afterTokens)}`;
  }
}

function lost({
  lostTokens,
  lostMicroUsd,
}: {
  readonly lostTokens: number;
  readonly lostMicroUsd: number | 'unknown';
}): string {
  return `${counted(lostTokens, 'token')} cached anew, ${dollars(lostMicroUsd)} lost`;
}

function placeText(place: Place | undefined): string {
  return place === undefined ? '' : `${place.file}${place.line === undefined ? '' : `:${place.line}`}: `;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
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
