import { isJsonObject, type Json, type ToolDefinition } from '../../core/index.ts';
import type { Conversation, PastCall } from './conversation.ts';
import type { Move } from './move.ts';
import { membersNamed, readPlan } from './read-protocol.ts';

/** A second failure of one member is taken as its answer. */
const failuresMax = 2;

const saysNotAskedFor = /\bnot[- ](?:been )?ask(?:ed)?[- ]for\b/i;
const saysNotReady = /\bnot[- ](?:yet )?ready\b|\bcomes after\b|\bat work already\b|\bfirst\.$/i;

/** What is known of a member after its delegations so far. */
interface Standing {
  readonly name: string;
  readonly attempts: number;
  readonly state: 'open' | 'done' | 'not-asked-for' | 'given-up';
}

/** What the lead is after: whom, in which steps, and how often. */
interface Errand {
  readonly steps: readonly (readonly string[])[];
  readonly calls: readonly PastCall[];
  readonly failuresMax: number;
  /** Without a plan the order is a guess: one at a time, those that waited longest first. */
  readonly planned: boolean;
}

/** Decides whom a lead delegates to next; a sentence when everyone was delegated to. */
export function leadMove(delegate: ToolDefinition, conversation: Conversation): Move {
  const members = membersOf(delegate);
  const errand = errandOf(members, conversation);
  const steps = errand.steps.map((step) => step.map((name) => standing(name, errand, members.length)));
  const open = steps
    .map((step) => step.filter(({ state }) => state === 'open'))
    .find((step) => step.length > 0);
  if (open === undefined) return { type: 'say', text: report(steps.flat()) };
  const next = errand.planned ? open : open.toSorted((a, b) => a.attempts - b.attempts).slice(0, 1);
  return { type: 'call', calls: next.map(({ name }) => ({ name: delegate.name, input: { agent: name } })) };
}

/** After a remark that something is missing, only those it names are delegated to, once more. */
function errandOf(members: readonly string[], { task, followUps, calls }: Conversation): Errand {
  const delegations = calls.filter(({ name }) => name === 'delegate');
  const plan = readPlan(task, members);
  const planned = plan.length > 0;
  const steps = planned ? plan : [members];
  const [first] = followUps;
  const last = followUps.at(-1);
  if (first === undefined || last === undefined) return { steps, calls: delegations, failuresMax, planned };
  const named = membersNamed(last.text, members);
  const missing =
    named.length > 0 ? named : unfinished({ steps, calls: delegations, failuresMax, planned }, members);
  const plannedAlready = new Set(steps.flat());
  const again = steps.map((step) => step.filter((name) => missing.includes(name)));
  const beyondPlan = missing.filter((name) => !plannedAlready.has(name));
  const since = delegations.filter(({ at }) => at > first.at);
  return { steps: [...again, beyondPlan], calls: since, failuresMax: 1, planned };
}

function unfinished(errand: Errand, members: readonly string[]): readonly string[] {
  return errand.steps
    .flat()
    .filter((name) => ['open', 'given-up'].includes(standing(name, errand, members.length).state));
}

function standing(name: string, errand: Errand, membersCount: number): Standing {
  const answers = errand.calls.filter(({ input }) => agentOf(input) === name).map(({ answer }) => answer);
  const failed = answers.filter((answer) => answer === null || answer.failed);
  const waits = failed.filter((answer) => answer !== null && saysNotReady.test(answer.text));
  const state = (): Standing['state'] => {
    if (answers.some((answer) => answer?.failed === false)) return 'done';
    if (failed.some((answer) => saysNotAskedFor.test(answer?.text ?? ''))) return 'not-asked-for';
    if (failed.length - waits.length >= errand.failuresMax) return 'given-up';
    // Each other member can finish once in between; after that, waiting changes nothing.
    return waits.length > Math.max(failuresMax, membersCount) ? 'given-up' : 'open';
  };
  return { name, attempts: answers.length, state: state() };
}

function membersOf({ inputSchema }: ToolDefinition): readonly string[] {
  const properties = inputSchema['properties'];
  const agent = isJsonObject(properties) ? properties['agent'] : undefined;
  if (!isJsonObject(agent)) return [];
  if (typeof agent['const'] === 'string') return [agent['const']];
  const names = agent['enum'];
  return Array.isArray(names) ? names.filter((name) => typeof name === 'string') : [];
}

function agentOf(input: Json): Json | undefined {
  return isJsonObject(input) ? input['agent'] : undefined;
}

function report(standings: readonly Standing[]): string {
  const named = (state: Standing['state']) =>
    standings
      .filter((one) => one.state === state)
      .map(({ name }) => name)
      .join(', ');
  const done = named('done');
  const lost = named('given-up');
  const start = done === '' ? 'Nobody finished' : `Finished: ${done}`;
  return `${start}${lost === '' ? '' : `; given up: ${lost}`} (coordinated by the offline model, which is no language model).`;
}
