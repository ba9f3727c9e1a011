import { styleText } from 'node:util';
import { totalInputTokens, totalOutputTokens } from '../../core/index.ts';
import { type AgentView, type JobView, totalOf } from './job-view.ts';
import { tableLines } from './table.ts';
import { bytes, count, dollars, duration, fitColumns, oneLine } from './wording.ts';

/** What a board shows besides the job itself. */
export interface BoardFrame {
  readonly columns: number;
  readonly hasColor: boolean;
  readonly elapsedMs: number;
  /** Ids of the models that answer, each once. */
  readonly models: readonly string[];
}

type State = AgentView['state'];

const symbols: Readonly<Record<State, string>> = {
  waits: '·',
  works: '▸',
  done: '✓',
  failed: '✗',
  skipped: '-',
};

const colors: Readonly<Record<State, Parameters<typeof styleText>[0]>> = {
  waits: 'dim',
  works: 'cyan',
  done: 'green',
  failed: 'red',
  skipped: 'dim',
};

/** Draws a job as lines of a terminal, none wider than it: a header, one line an agent, and the totals. */
export function boardLines(view: JobView, frame: BoardFrame): readonly string[] {
  const total = totalOf(view);
  const totals = [
    `${count(totalInputTokens(total.usage))} tokens in`,
    `${count(totalOutputTokens(total.usage))} out`,
    `cost ${dollars(total.costMicroUsd)}`,
    duration(frame.elapsedMs),
  ];
  const header = [
    `${view.team} on ${frame.models.join(', ')}`,
    ...(view.notice === null ? [] : [view.notice]),
  ];
  return [
    ...header.map((line) => fitColumns(oneLine(line), frame.columns)),
    '',
    ...agentLines(view.agents, frame),
    '',
    fitColumns(totals.join(', '), frame.columns),
  ];
}

function agentLines(agents: readonly AgentView[], { columns, hasColor }: BoardFrame): readonly string[] {
  const lines = tableLines({ rows: agents.map(agentRow), right: [3, 4, 5, 6] });
  return lines.map((line, position) => {
    const fitted = fitColumns(line, columns);
    const state = agents[position]?.state ?? 'waits';
    const first = `${symbols[state]} ${state}`;
    if (!hasColor || !fitted.startsWith(first)) return fitted;
    // Whether there is color was decided by whoever opened the screen.
    return styleText(colors[state], first, { validateStream: false }) + fitted.slice(first.length);
  });
}

function agentRow(agent: AgentView): readonly string[] {
  const { state, name, calls, usage, writes, bytesSize, costMicroUsd } = agent;
  const first = `${symbols[state]} ${state}`;
  const numbers =
    calls === 0
      ? ['', '', '']
      : [
          `${count(totalInputTokens(usage))} in`,
          `${count(totalOutputTokens(usage))} out`,
          dollars(costMicroUsd),
        ];
  const size = bytesSize === null ? '' : bytes(bytesSize);
  return [first, name, oneLine(writes ?? ''), size, ...numbers, oneLine(agent.now)];
}
