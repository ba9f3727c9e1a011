import { z } from 'zod';
import type { EnteringTool, GoalOutcome } from '../../agent/index.ts';
import { climbs, type Failure, fail, ok, type Result, type ToolAnswer } from '../../core/index.ts';
import type { AgentDefinition } from '../team.ts';
import type { CompiledTeam } from './compile.ts';
import { delegateDefinition, noteCharactersMax } from './delegate-definition.ts';
import type { Plan } from './plan.ts';
import { runMember } from './run-member.ts';

/** One job's delegations: the tool that makes them, and how far they have come. */
export interface Delegation {
  readonly tool: EnteringTool;
  /** Whether every artifact the brief asks for is there, and verified last. */
  standing(): GoalOutcome;
}

/** What delegations need of a job. */
export interface DelegationParts {
  readonly compiled: CompiledTeam;
  readonly plan: Plan;
  readonly inputPaths: readonly string[];
}

/** Failed runs of one member before it is given up: a first try and one more. */
const failuresMax = 2;
/** Finished runs of one member: its work, and corrections that a lead may ask for. */
const runsMax = 4;
/** How far a member has come in this job. */
interface Standing {
  readonly running: boolean;
  readonly runs: number;
  readonly failures: number;
  /** When its last run began, counted in finished runs of the job. */
  readonly beganAt: number;
  /** When its last run ended well, counted likewise; null before that, and when a later one failed. */
  readonly doneAt: number | null;
  readonly lastFailure: Failure | null;
}

const untouched: Standing = Object.freeze({
  running: false,
  runs: 0,
  failures: 0,
  beganAt: 0,
  doneAt: null,
  lastFailure: null,
});

/** Opens the delegations of one job. The rules of the runbook are checked here, whatever the lead was told. */
export function openDelegation(parts: DelegationParts): Delegation {
  const standings = new Map<string, Standing>();
  const of = (name: string): Standing => standings.get(name) ?? untouched;
  let finished = 0;
  const tool: EnteringTool = {
    ...delegateDefinition(parts.compiled.team.members),
    replay: 'safe',
    overlaps: true,
    enters: true,
    parse: parseDelegation,
    async run(input, key, run) {
      const { agent, note = null } = input as z.infer<typeof delegationInput>;
      const refusal = refusalOf(agent, parts.plan, of);
      if (refusal !== null) return refusal;
      const member = parts.compiled.members.get(agent);
      if (member === undefined) throw new Error(`The plan names ${agent}, whom the team does not have`);
      standings.set(agent, { ...of(agent), running: true, runs: of(agent).runs + 1, beganAt: finished });
      const ended = await runMember(
        { member, inputPaths: parts.inputPaths, note, key: `${key}/${agent}` },
        run,
      );
      finished += 1;
      standings.set(agent, afterRun(of(agent), ended, finished));
      return ended.ok
        ? ok({ text: doneSentence(agent, ended.value) })
        : toLead(agent, ended.failure, of(agent));
    },
  };
  return { tool, standing: () => standingOf(parts.plan, of) };
}

const delegationInput = z.strictObject({ agent: z.string(), note: z.string().optional() });

function parseDelegation(input: unknown): Result<unknown> {
  const parsed = delegationInput.safeParse(input);
  if (!parsed.success)
    return fail('bad-arguments', 'Send {"agent": "<member>"}, and a note of one sentence where needed.');
  if ((parsed.data.note?.length ?? 0) <= noteCharactersMax) return ok(parsed.data);
  return fail(
    'bad-arguments',
    `A note has at most ${noteCharactersMax} characters. Content belongs in files, which members read themselves.`,
  );
}

function refusalOf(name: string, plan: Plan, of: (name: string) => Standing): Result<never> | null {
  const asked = plan.asked.map((member) => member.name);
  if (!asked.includes(name)) {
    return fail('not-asked-for', `This brief does not ask for ${name}. It asks for: ${asked.join(', ')}.`);
  }
  const { running, runs, failures } = of(name);
  if (running) return fail('not-ready', `${name} is at work already. Wait for its answer.`);
  if (failures >= failuresMax)
    return fail('delegations-exhausted', `${name} has failed ${failures} times and is not run again.`);
  if (runs >= runsMax)
    return fail(
      'delegations-exhausted',
      `${name} has run ${runs} times and is not run again. Finish with what is there.`,
    );
  const waiting = (plan.providers.get(name) ?? []).filter(
    (provider) => !isSettled(of(provider.name), name, plan),
  );
  if (waiting.length === 0) return null;
  const missing = waiting.map((provider) => `${provider.name} (${provider.writes})`).join(', ');
  return fail('not-ready', `${name} comes after ${missing}. Delegate that first.`);
}

/** A provider is settled when it is done; verification also starts when all that can be done is done. */
function isSettled({ doneAt, failures, running }: Standing, reader: string, plan: Plan): boolean {
  const verifies = plan.asked.some(({ name, last }) => name === reader && last);
  return !running && (doneAt !== null || (verifies && failures >= failuresMax));
}

function afterRun(before: Standing, ended: Result<unknown>, finished: number): Standing {
  if (ended.ok) return { ...before, running: false, doneAt: finished, lastFailure: null };
  // What a failed run left behind is not the artifact that was good before.
  const failures = before.failures + 1;
  return { ...before, running: false, failures, doneAt: null, lastFailure: ended.failure };
}

/** The one sentence a lead learns. Made of names and sizes, so no artifact text can be in it. */
function doneSentence(
  name: string,
  { path, bytesSize, version }: { path: string; bytesSize: number; version: number },
): string {
  return `${name} is done: ${path} (${bytesSize} bytes, version ${version}).`;
}

/** What a lead cannot mend climbs past it; of the rest it learns the code, not the text, which may quote an artifact. */
function toLead(name: string, why: Failure, { failures }: Standing): Result<ToolAnswer> {
  if (climbs(why.code)) return { ok: false, failure: why };
  const next =
    failures < failuresMax ? 'Delegate to it once more.' : 'It is not run again: go on without it.';
  return fail('member-failed', `${name} failed (${why.code}). ${next}`);
}

function standingOf(plan: Plan, of: (name: string) => Standing): GoalOutcome {
  const verifiedAfter = Math.max(
    0,
    ...plan.asked.filter(({ last }) => !last).map(({ name }) => of(name).doneAt ?? 0),
  );
  const isOpen = ({ name, last }: AgentDefinition): boolean => {
    const { beganAt, doneAt } = of(name);
    return doneAt === null || (last && beganAt < verifiedAfter);
  };
  const open = plan.asked.filter(isOpen);
  if (open.length === 0) return { type: 'met' };
  const lost = open.filter(({ name }) => of(name).failures >= failuresMax);
  if (lost.length > 0) return { type: 'unmet', mendable: false, failure: lostFailure(lost, of) };
  const todo = open.map(({ name, writes }) => `${writes} (delegate to ${name})`).join(', ');
  const rule = open.every(({ last }) => last) ? ' Verification runs last, after every other artifact.' : '';
  const message = `Not done yet: ${todo}.${rule}`;
  return { type: 'unmet', mendable: true, failure: { code: 'artifacts-missing', message } };
}

function lostFailure(lost: readonly AgentDefinition[], of: (name: string) => Standing): Failure {
  const why = lost.map(
    ({ name, writes }) => `${writes} is missing: ${name} failed, ${of(name).lastFailure?.message ?? ''}`,
  );
  return { code: 'artifacts-missing', message: why.join(' ') };
}
