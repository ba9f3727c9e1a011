import { InspanProblem, type Job, type JobFile } from '../../client/index.ts';
import type { Arguments, CommandSpec } from '../arguments.ts';
import { exitCodes, type Io } from '../io.ts';
import { tableLines } from '../show/table.ts';
import { bytes, counted, dollars, duration, oneLine } from '../show/wording.ts';
import { clientOf, tell, urlOption } from './server-client.ts';

/** How `inspan jobs show` is called. */
export const showSpec: CommandSpec = Object.freeze({
  name: 'jobs show',
  purpose: 'Says where a job stands, what it waits for, and what it has made and cost.',
  words: [{ name: 'job', required: true, purpose: 'the id of a job' }],
  options: {
    url: urlOption,
    json: { value: null, purpose: 'Prints the job, its files and its result as JSON.' },
  },
  examples: ['inspan jobs show job_5f0c9a'],
  notes: [],
});

/** Shows one job. */
export async function show(given: Arguments, io: Io): Promise<number> {
  const [id = ''] = given.words;
  const { jobs } = clientOf(given, io);
  const [job, files] = await Promise.all([jobs.get(id), jobs.files(id)]);
  const result = given.flags.has('json') ? await jobs.result(id).catch(nullWhileItRuns) : null;
  tell(io, given, { json: { job, files, result }, lines: [...jobLines(job), ...fileLines(files)] });
  return exitCodes.done;
}

function nullWhileItRuns(error: unknown): null {
  if (error instanceof InspanProblem && error.code === 'wrong-state') return null;
  throw error;
}

/** Says all that a person may want to know of a job. */
function jobLines(job: Job): readonly string[] {
  const { id, state, team, attempts, failure, forkedFrom, progress } = job;
  const labels = Object.entries(job.labels).map(([name, value]) => `${name}=${value}`);
  const facts = [
    ['team', `${oneLine(team)} (${job.digest.slice(0, 12)})`],
    ['accepted', `${job.createdAt} by ${oneLine(job.by)}`],
    ['not before', job.notBefore ?? ''],
    ['deadline', job.deadlineAt ?? ''],
    ['begun', job.startedAt === null ? '' : `${job.startedAt}${attempts > 1 ? `, ${attempts} times` : ''}`],
    ['ended', endedText(job)],
    ['cost', costText(job)],
    ['forked from', forkedFrom === null ? '' : `${forkedFrom.job} at ${oneLine(forkedFrom.step)}`],
    ['labels', oneLine(labels.join(' '))],
    [
      'progress',
      progress === undefined
        ? ''
        : `${counted(progress.calls, 'call')}, ${counted(progress.toolCalls, 'tool call')}`,
    ],
  ].filter(([, text]) => text !== '');
  const hasEnded = job.endedAt !== null;
  const why = failure === null ? [] : [`${failure.code}: ${oneLine(failure.message)}`];
  const asked = job.cancelAsked && state === 'running' ? [', asked to stop'] : [];
  return [
    `${id} ${hasEnded ? '' : 'is '}${state}${asked.join('')}`,
    ...why,
    ...tableLines({ rows: facts.map(([name = '', text = '']) => [`  ${name}`, text]) }),
    ...agentLines(job),
    ...job.waits.flatMap((wait) => waitLines(id, wait)),
  ];
}

function endedText({ startedAt, endedAt }: Job): string {
  if (endedAt === null) return '';
  const ms = startedAt === null ? null : Date.parse(endedAt) - Date.parse(startedAt);
  return ms === null ? endedAt : `${endedAt}, after ${duration(ms)}`;
}

function costText({ cost, estimate, progress }: Job): string {
  const spent = cost ?? progress?.cost ?? null;
  const thought = estimate === null ? '' : ` (estimated: ${dollars(estimate.cost.microUsd)})`;
  return spent === null ? '' : `${dollars(spent.microUsd)}${thought}`;
}

function agentLines({ progress }: Job): readonly string[] {
  const agents = progress?.agents ?? [];
  if (agents.length === 0) return [];
  return ['', ...tableLines({ rows: agents.map(({ name, state }) => [`  ${name}`, state]) })];
}

/** A person who reads that something waits for them wants to know how to answer. */
function waitLines(job: string, { key, signal, until, question }: Job['waits'][number]): readonly string[] {
  const time = until === null ? '' : ` until ${until}`;
  if (signal === null) return ['', `It waits${time}.`];
  return [
    '',
    `It waits for ${oneLine(signal)}${time}${question === null ? '' : `: ${oneLine(JSON.stringify(question))}`}`,
    `  Answer: inspan jobs signal ${job} ${oneLine(signal)} --value <json> --key ${oneLine(key)}`,
  ];
}

function fileLines(files: readonly JobFile[]): readonly string[] {
  if (files.length === 0) return [];
  const rows = files.map(({ path, bytesSize, version }) => [
    `  ${oneLine(path)}`,
    bytes(bytesSize),
    `version ${version}`,
  ]);
  return ['', ...tableLines({ rows, right: [1] })];
}
