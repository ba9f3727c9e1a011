import { tableLines } from '../show/table.ts';
import { count, counted, oneLine, placeText } from '../show/wording.ts';
import type { AgentInspection, Finding, Inspection } from './inspect-team.ts';

/** Digits of a digest that tell teams apart for a person. */
const digestDigits = 12;

/** Shows an inspected team: who it is, what each agent costs, reads and writes, and what is worth a word. */
export function checkLines({
  team,
  pattern,
  lead,
  digest,
  agents,
  warnings,
  notes,
}: Inspection): readonly string[] {
  const led = lead === null ? pattern : `${pattern} led by ${lead}`;
  const headline = `${oneLine(team)}: ${led}, ${counted(agents.length, 'agent')}, digest ${digest.slice(0, digestDigits)}`;
  const closing = warnings.length === 0 ? 'No warnings.' : `${counted(warnings.length, 'warning')}.`;
  return [
    headline,
    '',
    'Static tokens, sent with every turn:',
    ...tokenTable(agents),
    '',
    'Who reads and writes what:',
    ...fileTable(agents),
    '',
    'Models and tools:',
    ...toolTable(agents),
    '',
    ...notes.map((note) => findingLine('note', note)),
    ...warnings.map((warning) => findingLine('warning', warning)),
    closing,
  ];
}

function findingLine(kind: string, { message, place }: Finding): string {
  return place === undefined
    ? `${kind}: ${oneLine(message)}`
    : `${kind}: ${oneLine(placeText(place))}: ${oneLine(message)}`;
}

function tokenTable(agents: readonly AgentInspection[]): readonly string[] {
  const isExact = agents.some(({ exactTokens }) => exactTokens !== null);
  const head = ['  agent', 'base', 'memory', 'prompt', 'skill', 'tools', 'total', isExact ? 'exact' : ''];
  const rows = agents.map(({ name, tokens, exactTokens }) => {
    const { base, memory, prompt, skill, tools, total } = tokens;
    const exact = exactTokens === null ? '' : count(exactTokens);
    return [`  ${name}`, ...[base, memory, prompt, skill, tools, total].map(count), exact];
  });
  return tableLines({ rows: [head, ...rows], right: [1, 2, 3, 4, 5, 6, 7] });
}

function fileTable(agents: readonly AgentInspection[]): readonly string[] {
  return tableLines({
    rows: agents.map(({ name, role, reads, readsInputs, writes, when, last }) => {
      if (role === 'lead') return [`  ${name}`, 'sees names and sizes, writes nothing'];
      const all = [...reads, ...(readsInputs ? ['the files of the brief'] : [])];
      const conditions = [...(when === null ? [] : [`when ${when}`]), ...(last ? ['last'] : [])];
      return [`  ${name}`, oneLine(`${all.join(', ')} → ${writes ?? ''}`), oneLine(conditions.join(', '))];
    }),
  });
}

function toolTable(agents: readonly AgentInspection[]): readonly string[] {
  return tableLines({
    rows: agents.map(({ name, model, chain, tools }) => [
      `  ${name}`,
      modelText(model, chain),
      tools.join(', ') || 'no tools',
    ]),
  });
}

function modelText(model: string, chain: readonly string[]): string {
  if (chain.length === 0) return model;
  return chain.length === 1 && chain[0] === model ? model : `${model} = ${chain.join(', then ')}`;
}
