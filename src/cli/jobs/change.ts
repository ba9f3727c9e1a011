import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { ForkRequest, Job } from '../../client/index.ts';
import { type Failure, failure, InspanError, type Json } from '../../core/index.ts';
import type { Arguments, CommandSpec } from '../arguments.ts';
import { exitCodes, type Io } from '../io.ts';
import { systemCode } from '../paths.ts';
import { counted, dollars, oneLine } from '../show/wording.ts';
import { clientOf, tell, urlOption } from './server-client.ts';

const jobWord = Object.freeze({ name: 'job', required: true, purpose: 'the id of a job' });
const common = Object.freeze({
  url: urlOption,
  json: { value: null, purpose: 'Prints the job as JSON.' },
});

/** How `inspan jobs cancel` is called. */
export const cancelSpec: CommandSpec = Object.freeze({
  name: 'jobs cancel',
  purpose: 'Ends a job; what it has made and what that cost stay.',
  words: [jobWord],
  options: common,
  examples: ['inspan jobs cancel job_5f0c9a'],
  notes: [],
});

/** Ends a job. */
export async function cancel(given: Arguments, io: Io): Promise<number> {
  const job = await clientOf(given, io).jobs.cancel(given.words[0] ?? '');
  const { id, state, cost } = job;
  const spent = cost === null ? '' : `, ${dollars(cost.microUsd)} spent`;
  const line =
    state === 'cancelled' ? `${id} cancelled${spent}` : `${id} is asked to stop: its worker ends it at once`;
  return told(given, io, { job, line });
}

/** How `inspan jobs retry` is called. */
export const retrySpec: CommandSpec = Object.freeze({
  name: 'jobs retry',
  purpose: 'Queues a failed, cancelled or expired job again: it goes on from where it stopped.',
  words: [jobWord],
  options: common,
  examples: ['inspan jobs retry job_5f0c9a'],
  notes: [],
});

/** Queues a job again. */
export async function retry(given: Arguments, io: Io): Promise<number> {
  const job = await clientOf(given, io).jobs.retry(given.words[0] ?? '');
  return told(given, io, { job, line: `${job.id} is ${job.state}: inspan jobs watch ${job.id}` });
}

/** How `inspan jobs fork` is called. */
export const forkSpec: CommandSpec = Object.freeze({
  name: 'jobs fork',
  purpose: 'Makes a job that takes over what another one did before a step, and goes on otherwise.',
  words: [jobWord],
  options: {
    step: { value: '<key>', purpose: 'The first step that is done anew: a key of the job’s steps.' },
    model: { value: '<id>', purpose: 'One model for all agents.' },
    prompt: { value: '<agent>=<path>', repeats: true, purpose: 'Another prompt for an agent, from a file.' },
    skill: { value: '<skill>=<path>', repeats: true, purpose: 'Another text for a skill, from a file.' },
    brief: { value: '<text>', purpose: 'Asks for something else; its files stay.' },
    ...common,
  },
  examples: ['inspan jobs fork job_5f0c9a --step reviewer/turn-1 --prompt reviewer=stricter.md'],
  notes: [],
});

/** Makes a job from another one. */
export async function fork(given: Arguments, io: Io): Promise<number> {
  const request = await readFork(given, io);
  const job = await clientOf(given, io).jobs.fork(given.words[0] ?? '', request);
  return told(given, io, { job, line: `${job.id} is ${job.state}: inspan jobs watch ${job.id}` });
}

async function readFork({ values }: Arguments, io: Io): Promise<ForkRequest> {
  const failures: Failure[] = [];
  const [step = ''] = values['step'] ?? [];
  if (step === '') {
    failures.push(failure('wrong-input', 'fork needs --step <key>: the first step that is done anew.'));
  }
  const [model] = values['model'] ?? [];
  const [text] = values['brief'] ?? [];
  const prompts = await readTexts('prompt', values['prompt'] ?? [], { io, failures });
  const skills = await readTexts('skill', values['skill'] ?? [], { io, failures });
  if (failures.length > 0) throw new InspanError(failures);
  return {
    step,
    ...(model === undefined ? {} : { model }),
    ...(Object.keys(prompts).length === 0 ? {} : { prompts }),
    ...(Object.keys(skills).length === 0 ? {} : { skills }),
    ...(text === undefined ? {} : { brief: { text } }),
  };
}

/** Reads `name=path` pairs; what cannot be read is added to the failures. */
async function readTexts(
  option: string,
  typed: readonly string[],
  { io, failures }: { readonly io: Io; readonly failures: Failure[] },
): Promise<Readonly<Record<string, string>>> {
  const read: Record<string, string> = {};
  for (const each of typed) {
    const equals = each.indexOf('=');
    const [name, path] = [each.slice(0, equals), each.slice(equals + 1)];
    if (equals < 1 || path === '') {
      failures.push(failure('wrong-input', `--${option} ${each}: write --${option} <name>=<path>.`));
      continue;
    }
    try {
      read[name] = await readFile(resolve(io.directory, path), 'utf8');
    } catch (error) {
      const code = systemCode(error);
      if (code === null) throw error;
      failures.push(failure('wrong-input', `--${option} ${each}: ${path} cannot be read (${code}).`));
    }
  }
  return read;
}

/** How `inspan jobs signal` is called. */
export const signalSpec: CommandSpec = Object.freeze({
  name: 'jobs signal',
  purpose: 'Answers what a job waits for, now or later.',
  words: [jobWord, { name: 'name', required: true, purpose: 'the name it waits for' }],
  options: {
    value: { value: '<json>', purpose: 'The answer: JSON, or plain text. Default: true.' },
    key: { value: '<key>', purpose: 'The one step it is for, where several wait for the name.' },
    ...common,
  },
  examples: ['inspan jobs signal job_5f0c9a approval --value \'{"approved":true}\''],
  notes: ['inspan jobs show <job> says what a job waits for.'],
});

/** Answers a job. */
export async function signal(given: Arguments, io: Io): Promise<number> {
  const [id = '', name = ''] = given.words;
  const [key] = given.values['key'] ?? [];
  const value = jsonOrText(given.values['value']?.[0] ?? 'true');
  const job = await clientOf(given, io).jobs.signal(id, {
    name,
    value,
    ...(key === undefined ? {} : { key }),
  });
  return told(given, io, { job, line: `${id} has ${oneLine(name)} and is ${job.state}` });
}

function jsonOrText(typed: string): Json {
  try {
    return JSON.parse(typed) as Json;
  } catch {
    // What is no JSON is meant as it stands: nobody puts a word in quotes twice.
    return typed;
  }
}

/** How `inspan jobs replay` is called. */
export const replaySpec: CommandSpec = Object.freeze({
  name: 'jobs replay',
  purpose: 'Runs a job again from its records alone, asks no model, and says what came out otherwise.',
  words: [jobWord],
  options: { url: urlOption, json: { value: null, purpose: 'Prints what was found as JSON.' } },
  examples: ['inspan jobs replay job_5f0c9a'],
  notes: ['The exit code is 1 where something came out otherwise.'],
});

/** Replays a job. */
export async function replay(given: Arguments, io: Io): Promise<number> {
  const found = await clientOf(given, io).jobs.replay(given.words[0] ?? '');
  const { job, steps, differences } = found;
  const outcome = differences.length === 0 ? 'the same' : counted(differences.length, 'difference');
  const lines = [
    `${job}: ${counted(steps, 'step')} replayed, ${outcome}`,
    ...differences.map((each) => `  ${oneLine(each)}`),
  ];
  tell(io, given, { json: found, lines });
  return differences.length === 0 ? exitCodes.done : exitCodes.failed;
}

function told(given: Arguments, io: Io, { job, line }: { readonly job: Job; readonly line: string }): number {
  tell(io, given, { json: job, lines: [line] });
  return exitCodes.done;
}
