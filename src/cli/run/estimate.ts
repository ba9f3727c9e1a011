import { chainOf } from '../../choose-models.ts';
import { InspanError, type Usage } from '../../core/index.ts';
import { acceptBrief } from '../../jobs/index.ts';
import {
  costMicroUsd,
  createTokenCounter,
  priceOf,
  resolveModelName,
  tokenFactor,
} from '../../models/index.ts';
import { compileTeam, estimateJob, type Team } from '../../team/index.ts';
import type { Arguments } from '../arguments.ts';
import { exitCodes, type Io } from '../io.ts';
import { type OwnPrices, ownPrices } from '../models/prices-file.ts';
import { estimateLines, estimateReport } from './estimate-lines.ts';
import { readBrief } from './read-brief.ts';

/**
 * Prints what a job would use with the models it names. They need not be within reach.
 * Throws `InspanError` with everything that is wrong with the brief.
 */
export async function printEstimate(given: Arguments, team: Team, io: Io): Promise<number> {
  const typed = await readBrief(given, team, io);
  const countTokens = await createTokenCounter();
  const accepted = acceptBrief(team, typed.brief, countTokens);
  const failures = [...typed.failures, ...(accepted.ok ? [] : accepted.failures)];
  if (!accepted.ok || failures.length > 0) throw new InspanError(failures);
  const estimate = estimateJob({
    compiled: compileTeam(team),
    brief: accepted.brief.view,
    seeds: accepted.brief.seeds,
    countTokens,
    modelIdOf: modelIds(given, team, io),
    costOf: costUnder(await ownPrices(io)),
    tokenFactorOf: tokenFactor,
  });
  const { budgetMicroUsd } = team;
  const text = given.flags.has('json')
    ? JSON.stringify(estimateReport(estimate, budgetMicroUsd), null, 2)
    : estimateLines(estimate, budgetMicroUsd).join('\n');
  io.print(`${text}\n`);
  return exitCodes.done;
}

/** One model given by hand or in the environment answers for all agents; else the first of each one's chain. */
function modelIds({ values }: Arguments, team: Team, { environment }: Io): (name: string) => string {
  const one = values['model']?.[0] ?? environment['INSPAN_MODEL']?.trim();
  return (name) => (one ? resolveModelName(one) : (chainOf(name, team)[0] ?? name));
}

function costUnder(own: OwnPrices): (modelId: string, usage: Usage) => number | 'unknown' {
  return (modelId, usage) => {
    const price = (Object.hasOwn(own, modelId) ? own[modelId] : undefined) ?? priceOf(modelId);
    return price === null ? 'unknown' : costMicroUsd(price, usage);
  };
}
