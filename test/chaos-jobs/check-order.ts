import type { JobEvent, Step } from '../../src/client/index.ts';
import { isEnded } from '../../src/core/index.ts';
import type { SeenCall } from './gateway.ts';
import { orderName } from './orders.ts';
import type { EndedOrder } from './run-chaos.ts';

/** What is known of an order beside what the API says of its job. */
export interface Evidence {
  /** All model calls that reached the provider for it. */
  readonly calls: readonly SeenCall[];
  /** What the provider billed for it in all, in micro-USD. */
  readonly billedMicroUsd: number;
  /** What an undisturbed run of order 0000 wrote: path → text. */
  readonly reference: Readonly<Record<string, string>>;
  /** Idempotency keys of what could not be done twice, and of what might: one for each time that it was done. */
  readonly baked: readonly string[];
  readonly charged: readonly string[];
}

/** What came of an order. */
export interface Verdict {
  /** One line for each broken promise. */
  readonly problems: readonly string[];
  /** Calls that were made again although their result was recorded. Never any. */
  readonly repeatedFinished: number;
  /** Calls that were made again because nobody had recorded an end of the first. */
  readonly repeatedInFlight: number;
}

/** Holds what is left of an order against every promise. */
export function checkOrder(ended: EndedOrder, evidence: Evidence): Verdict {
  const repeated = checkCalls(ended, evidence.calls);
  const problems = [
    ...checkStream(ended.events),
    ...checkJournal(ended.steps),
    ...checkFiles(ended, evidence.reference),
    ...checkEffects(ended, evidence),
    ...checkMoney(ended, evidence),
    ...repeated.problems,
  ];
  return { ...repeated, problems: problems.map((line) => `order ${ended.order} (${ended.job.id}): ${line}`) };
}

function checkStream(events: readonly JobEvent[]): readonly string[] {
  const moves = events.flatMap((event) => (event.type === 'job-moved' ? [event.state] : []));
  const ends = moves.filter(isEnded);
  return [
    ...(events.every(({ seq }, place) => seq === place + 1) ? [] : ['its stream has gaps']),
    ...(ends.length === 1 && ends[0] === 'succeeded' ? [] : [`it ended as ${ends.join(', ') || 'nothing'}`]),
    ...(moves.at(-1) === ends[0] ? [] : [`after its end it became ${moves.at(-1)}`]),
  ];
}

function checkJournal(steps: readonly Step[]): readonly string[] {
  const finished = new Set<string>();
  const problems: string[] = [];
  let epoch = 0;
  for (const step of steps) {
    if (finished.has(step.key)) problems.push(`${step.key} has a ${step.type} behind its result`);
    if (step.type === 'done' || step.type === 'failed') finished.add(step.key);
    if (step.epoch < epoch) problems.push(`${step.key} was recorded by a worker that had lost the job`);
    epoch = step.epoch;
  }
  return problems;
}

/** An effect that may have happened before a crash is told as unknown, and where it is told is another text. */
function checkFiles(
  { order, files, steps }: EndedOrder,
  reference: Evidence['reference'],
): readonly string[] {
  const names = [...new Set([...Object.keys(reference), ...Object.keys(files)])];
  return names.flatMap((path) => {
    const path0 = path.replace(order, orderName(0));
    const expected = reference[path0]?.replaceAll(orderName(0), order);
    if (files[path.replace(orderName(0), order)] === expected) return [];
    const isUnknown = path === 'baked.md' && hasUnknownOutcome(steps);
    return isUnknown && files[path]?.includes('outcome is unknown')
      ? []
      : [`${path} is not what it should be`];
  });
}

function hasUnknownOutcome(steps: readonly Step[]): boolean {
  const started = steps.filter(({ kind, type }) => kind === 'tool' && type === 'started');
  return started.some(({ key }) => !steps.some((step) => step.key === key && step.type === 'done'));
}

function checkEffects({ steps }: EndedOrder, { baked, charged }: Evidence): readonly string[] {
  const least = hasUnknownOutcome(steps) ? 0 : 1;
  return [
    ...(baked.length >= least && baked.length <= 1 ? [] : [`it was baked ${baked.length} times`]),
    ...(new Set(charged).size === 1 ? [] : [`it was charged with ${new Set(charged).size} keys`]),
  ];
}

/** Of a call that was made again only one answer counts; what else the provider billed for it is known to it alone. */
function checkMoney({ job }: EndedOrder, { calls, billedMicroUsd }: Evidence): readonly string[] {
  const cost = job.cost?.microUsd ?? 'nothing';
  const byQuestion = Map.groupBy(calls, ({ question }) => question);
  if (byQuestion.size === calls.length) {
    return cost === billedMicroUsd ? [] : [`it cost ${cost} and was billed ${billedMicroUsd}`];
  }
  let possible: ReadonlySet<number> = new Set([0]);
  for (const asked of byQuestion.values()) {
    const told = new Set(asked.flatMap(({ costMicroUsd }) => (costMicroUsd === null ? [] : [costMicroUsd])));
    possible = new Set([...possible].flatMap((sum) => [...told].map((each) => sum + each)));
  }
  const isPossible = typeof cost === 'number' && possible.has(cost) && cost <= billedMicroUsd;
  return isPossible
    ? []
    : [`it cost ${cost}, which its answers do not add up to (${[...possible].join(', ')})`];
}

/** Compares what was asked with what was recorded: the n-th question of an agent is its n-th recorded call. */
function checkCalls({ job, steps }: EndedOrder, calls: readonly SeenCall[]): Verdict {
  const problems: string[] = [];
  let repeatedFinished = 0;
  let repeatedInFlight = 0;
  const recorded = Map.groupBy(
    steps.filter(({ kind, type }) => kind === 'model' && type === 'done'),
    ({ key }) => agentOf(key),
  );
  for (const [agent, asked] of Map.groupBy(calls, (call) => call.agent)) {
    const done = recorded.get(agent) ?? [];
    const questions = [...Map.groupBy(asked, ({ question }) => question).values()];
    if (questions.length !== done.length) {
      problems.push(`${agent} asked ${questions.length} questions and recorded ${done.length} answers`);
    }
    for (const [place, same] of questions.entries()) {
      const doneAtMs = Date.parse(done[place]?.at ?? '');
      const late = same.filter(({ askedAtMs }) => askedAtMs > doneAtMs);
      repeatedFinished += late.length;
      for (const call of late) {
        problems.push(
          `${call.process} asked ${done[place]?.key} ${call.askedAtMs - doneAtMs} ms after it was done`,
        );
      }
    }
    const again = asked.length - questions.length;
    repeatedInFlight += again;
    if (again > job.attempts - 1) {
      problems.push(`${agent} repeated ${again} calls although it was only begun ${job.attempts} times`);
    }
  }
  return { problems, repeatedFinished, repeatedInFlight };
}

/** `lead/turn-1/call-0/baker/turn-2/model` is a call of the baker. */
function agentOf(key: string): string {
  return key.match(/(\w+)(?=\/turn-\d+)/g)?.at(-1) ?? key;
}
