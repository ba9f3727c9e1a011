import type { Json } from '../../core/index.ts';
import type { AgentDefinition } from '../team.ts';
import type { Plan } from './plan.ts';

/** A brief as agents see it. */
export interface BriefView {
  readonly text: string;
  readonly params: Readonly<Record<string, Json>>;
  readonly files: readonly { readonly path: string; readonly characters: number }[];
}

/** Writes a member's first message: what to read, what to write, how to finish. */
export function memberTask(member: AgentDefinition, files: readonly string[], note: string | null): string {
  const reads = files.length === 0 ? '' : `Read:\n${list(files)}\n\n`;
  const remark = note === null ? '' : `A note from the lead: ${note}\n\n`;
  return `Your task for this job.\n\n${reads}${finish(member)}${remark}${closing(member, files.length > 0)}`;
}

function finish({ writes, output }: AgentDefinition): string {
  return `${output === null ? 'Write' : 'Answer'}:\n${list([writes])}\n\n`;
}

function closing({ writes, output }: AgentDefinition, hasFiles: boolean): string {
  const read = hasFiles ? 'Read the files with read_file, then ' : '';
  const then =
    output === null
      ? `write ${writes} with write_file and answer with one sentence that says what you did.`
      : `answer with nothing but the JSON for ${writes}.`;
  return read === '' ? capitalised(then) : read + then;
}

/** Longer briefs are in brief.md; a lead needs to know what is asked, not all of its detail. */
const leadBriefCharactersMax = 6_000;

/** Writes a lead's first message: the brief, what came with it, and the plan. Never the text of a file. */
export function leadTask({ text, params, files }: BriefView, plan: Plan): string {
  const parts = [`The brief:\n\n${shortened(text)}`];
  const entries = Object.entries(params);
  if (entries.length > 0) {
    parts.push(`Parameters:\n${list(entries.map(([name, value]) => `${name}: ${JSON.stringify(value)}`))}`);
  }
  if (files.length > 0) {
    parts.push(
      `Input files:\n${list(files.map(({ path, characters }) => `${path} (${characters} characters)`))}`,
    );
  }
  const steps = plan.steps.map((names, index) => `Step ${index + 1}: ${names.join(', ')}`);
  parts.push(`Plan for this brief:\n${steps.join('\n')}`);
  const artifacts = plan.asked.map(({ name, writes }) => `${writes} by ${name}`);
  parts.push(`Artifacts owed:\n${list(artifacts)}`);
  if (plan.skipped.length > 0)
    parts.push(`Not asked for: ${plan.skipped.map(({ name }) => name).join(', ')}.`);
  parts.push(
    'Delegate step by step; members of one step may be delegated in one turn. When every artifact exists, answer with one sentence.',
  );
  return parts.join('\n\n');
}

/** Writes `brief.md`: what a person asked for, as members read it. */
export function briefFile({ text, params, files }: BriefView): string {
  const parts = [`# Brief\n\n${text}`];
  const entries = Object.entries(params);
  if (entries.length > 0) {
    parts.push(
      `## Parameters\n\n${list(entries.map(([name, value]) => `${name}: ${JSON.stringify(value)}`))}`,
    );
  }
  if (files.length > 0) parts.push(`## Files\n\n${list(files.map(({ path }) => path))}`);
  return `${parts.join('\n\n')}\n`;
}

function shortened(text: string): string {
  if (text.length <= leadBriefCharactersMax) return text;
  return `${text.slice(0, leadBriefCharactersMax).replace(/[\uD800-\uDBFF]$/, '')}\n\n[The brief goes on; members find all of it in brief.md.]`;
}

function list(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join('\n');
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
