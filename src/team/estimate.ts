import { type CountTokens, noUsage, type Usage } from '../core/index.ts';
import { ruleMatches } from '../workspace/index.ts';
import type { CompiledMember, CompiledRole, CompiledTeam } from './run/compile.ts';
import { type Plan, planOf } from './run/plan.ts';
import { type BriefView, leadTask, memberTask } from './run/task.ts';

/** What a job would probably use, before anything runs. An estimate: the sizes of answers are assumed. */
export interface JobEstimate {
  /** Those the brief asks for, the lead first. */
  readonly agents: readonly AgentEstimate[];
  readonly total: Pick<AgentEstimate, 'inputTokens' | 'outputTokens' | 'costMicroUsd' | 'costMicroUsdMax'>;
}

/** What one agent would probably use. Tokens are the model's own, as near as they can be counted here. */
export interface AgentEstimate {
  readonly name: string;
  /** Id of the first model of its chain. */
  readonly model: string;
  readonly turns: number;
  /** Over all turns; nothing is taken to come from a prompt cache. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly costMicroUsd: number | 'unknown';
  /** The same input, and all the output its limits allow. */
  readonly costMicroUsdMax: number | 'unknown';
}

/** What an estimate depends on. */
export interface EstimateParts {
  readonly compiled: CompiledTeam;
  readonly brief: BriefView;
  /** What the workspace is seeded with: `brief.md` and the files. */
  readonly seeds: readonly { readonly path: string; readonly text: string }[];
  readonly countTokens: CountTokens;
  /** Id of the model that answers first for a model name of the team. */
  readonly modelIdOf: (name: string) => string;
  readonly costOf: (modelId: string, usage: Usage) => number | 'unknown';
  /** How many of a model's tokens one token counted here stands for. */
  readonly tokenFactorOf: (modelId: string) => number;
}

/** An artifact's assumed size in tokens: about 600 words. */
export const artifactTokens = 800;
/** A closing sentence's assumed size in tokens. */
export const sentenceTokens = 60;
/** A tool call's assumed size in tokens, without the content it may carry. */
export const callTokens = 40;
/** The assumed size in tokens of what a team's own tool answers. */
export const toolAnswerTokens = 300;

/** Estimates a job agent by agent: one turn to read, one for each own tool, one to write, one to finish. */
export function estimateJob(parts: EstimateParts): JobEstimate {
  const { compiled, brief } = parts;
  const plan = planOf(compiled.team, brief.params);
  const leads = compiled.lead === null ? [] : [estimateLead(compiled.lead, plan, parts)];
  const members = plan.asked.flatMap(({ name }) => {
    const member = compiled.members.get(name);
    return member === undefined ? [] : [estimateMember(member, plan, parts)];
  });
  const agents = [...leads, ...members];
  return {
    agents,
    total: {
      inputTokens: agents.reduce((sum, { inputTokens }) => sum + inputTokens, 0),
      outputTokens: agents.reduce((sum, { outputTokens }) => sum + outputTokens, 0),
      costMicroUsd: sumCosts(agents.map(({ costMicroUsd }) => costMicroUsd)),
      costMicroUsdMax: sumCosts(agents.map(({ costMicroUsdMax }) => costMicroUsdMax)),
    },
  };
}

/** One turn as it grows the context: what the model says, and what it is then answered. */
interface ExpectedTurn {
  readonly outputTokens: number;
  readonly answerTokens: number;
}

const closingTurn: ExpectedTurn = Object.freeze({ outputTokens: sentenceTokens, answerTokens: 0 });

/** A lead delegates each step in one turn and is told one sentence for each member. */
function estimateLead(role: CompiledRole, plan: Plan, parts: EstimateParts): AgentEstimate {
  const steps = plan.steps.map(({ length }) => ({
    outputTokens: length * callTokens,
    answerTokens: length * sentenceTokens,
  }));
  return estimateRole(role, { task: leadTask(parts.brief, plan), turns: [...steps, closingTurn] }, parts);
}

function estimateMember(member: CompiledMember, plan: Plan, parts: EstimateParts): AgentEstimate {
  const { definition, role } = member;
  const { files, tokens } = readsOf(member, plan, parts);
  const reading = { outputTokens: files.length * callTokens, answerTokens: tokens };
  const using = { outputTokens: callTokens, answerTokens: toolAnswerTokens };
  const writing = { outputTokens: callTokens + artifactTokens, answerTokens: sentenceTokens };
  const ending =
    definition.output === null ? [writing, closingTurn] : [{ ...closingTurn, outputTokens: artifactTokens }];
  const turns = [...(files.length === 0 ? [] : [reading]), ...member.ownTools.map(() => using), ...ending];
  return estimateRole(role, { task: memberTask(definition, files, null), turns }, parts);
}

/** The files a member will find, and what they weigh: those of the brief exactly, artifacts as assumed. */
function readsOf(
  { definition }: CompiledMember,
  plan: Plan,
  { brief, seeds, countTokens }: EstimateParts,
): { readonly files: readonly string[]; readonly tokens: number } {
  const inputs = new Set(brief.files.map(({ path }) => path));
  const isRead = (path: string): boolean =>
    (definition.readsInputs && inputs.has(path)) || definition.reads.some((rule) => ruleMatches(rule, path));
  const given = seeds.filter(({ path }) => isRead(path));
  const made = plan.asked.filter(({ name, writes }) => name !== definition.name && isRead(writes));
  return {
    files: [...given.map(({ path }) => path), ...made.map(({ writes }) => writes)].sort(),
    tokens: given.reduce((sum, { text }) => sum + countTokens(text), 0) + made.length * artifactTokens,
  };
}

interface ExpectedWork {
  readonly task: string;
  readonly turns: readonly ExpectedTurn[];
}

/** Every turn sends again all that came before it. */
function estimateRole(
  role: CompiledRole,
  { task, turns }: ExpectedWork,
  parts: EstimateParts,
): AgentEstimate {
  const { countTokens, modelIdOf, tokenFactorOf, costOf } = parts;
  let context = role.prefix.tokens(countTokens).total + countTokens(task);
  let [input, output] = [0, 0];
  for (const { outputTokens, answerTokens } of turns) {
    input += context;
    output += outputTokens;
    context += outputTokens + answerTokens;
  }
  const model = modelIdOf(role.model);
  const inputTokens = Math.round(input * tokenFactorOf(model));
  const outputTokens = Math.round(output * tokenFactorOf(model));
  const outputTokensMax = Math.max(outputTokens, role.limits.outputTokensMax);
  return {
    name: role.name,
    model,
    turns: turns.length,
    inputTokens,
    outputTokens,
    costMicroUsd: costOf(model, { ...noUsage, inputTokens, outputTokens }),
    costMicroUsdMax: costOf(model, { ...noUsage, inputTokens, outputTokens: outputTokensMax }),
  };
}

/** A sum that leaves something out is not a sum. */
function sumCosts(costs: readonly (number | 'unknown')[]): number | 'unknown' {
  let sum = 0;
  for (const cost of costs) {
    if (cost === 'unknown') return 'unknown';
    sum += cost;
  }
  return sum;
}
