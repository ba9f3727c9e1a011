import { failure, InspanError, type Model, noUsage } from '../../core/index.ts';
import { readEnvironment } from '../../environment.ts';
import type { Inspan } from '../../inspan.ts';
import { cachePrefixTokensMin, type ProviderSkill, providerOf } from '../../models/index.ts';
import type { Io } from '../io.ts';
import { ownPrices } from '../models/prices-file.ts';
import type { Probed } from './keep-promises.ts';
import { type Bill, billOf, metered } from './metered.ts';

/** An endpoint that can be asked, and what asking it has cost. */
export interface ProbedEndpoint {
  readonly probed: Probed;
  bill(): Promise<Bill>;
  close(): Promise<void>;
}

/** How an endpoint is asked. */
export interface ProbeTerms {
  /** The most it may cost, as a person wished; null: nothing was said, and `usdUsual` holds. */
  readonly usd: number | null;
  readonly usdUsual: number;
  readonly signal: AbortSignal;
}

/** Opens the endpoint of a model twice: as the environment says, and with a key it must not accept. */
export async function openProbed(id: string, terms: ProbeTerms, io: Io): Promise<ProbedEndpoint> {
  if (id === 'offline') throw wrong('offline is no provider’s model: there is no endpoint to probe.');
  const options = { prices: await ownPrices(io), environment: io.environment, clock: io.clock };
  const inspan = io.createInspan(options);
  let stranger: Inspan | null = null;
  const close = async (): Promise<void> => void (await Promise.all([inspan.close(), stranger?.close()]));
  try {
    const asked = metered(await openCapped(id, terms, inspan));
    const place = placeOf(asked.model.id, io);
    if (place.keyVariable !== null)
      stranger = io.createInspan({
        ...options,
        environment: { ...io.environment, [place.keyVariable]: strangeKey },
      });
    const probed: Probed = {
      ...skillsAt(place, asked.model.id),
      model: asked.model,
      stranger: (await stranger?.openModel(id)) ?? null,
      salt: io.newId(),
      signal: terms.signal,
    };
    return { probed, bill: () => billOf(asked.attempts(), inspan), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Nobody was ever given this one. */
const strangeKey = 'sk-inspan-probe-of-a-wrong-key';

/** A cap can be kept only where it is known what calls cost. */
async function openCapped(id: string, { usd, usdUsual }: ProbeTerms, inspan: Inspan): Promise<Model> {
  const { id: resolved } = await inspan.openModel(id);
  const isPriced = (await inspan.costOf(resolved, noUsage)) !== 'unknown';
  if (isPriced) return await inspan.openModel(id, { budgetUsd: usd ?? usdUsual });
  if (usd === null) return await inspan.openModel(id);
  throw wrong(
    `Nobody knows what ${resolved} costs, so --usd cannot be kept: leave it out, or name its price in INSPAN_PRICES.`,
  );
}

/** Where a model is asked. */
interface Place {
  /** Null where no key is sent. */
  readonly keyVariable: string | null;
  /** Not the provider's own address: a gateway, a proxy or a local server may stand there. */
  readonly isOwn: boolean;
}

function placeOf(id: string, { environment }: Io): Place {
  const provider = id.split('/')[0] ?? '';
  const { keys, urls } = readEnvironment(environment);
  const facts = providerOf(provider);
  const hasKey = Object.hasOwn(keys, provider);
  return {
    keyVariable: hasKey && facts !== undefined ? facts.keyVariable : null,
    isOwn: facts?.needsKey !== true || Object.hasOwn(urls, provider),
  };
}

/** What an endpoint cannot do, or cannot be made to do by asking, and what it need not do. */
function skillsAt({ keyVariable, isOwn }: Place, id: string): Pick<Probed, 'can' | 'cannot' | 'unsure'> {
  const cannot = new Map<ProviderSkill, string>([
    ['refuse', 'no question makes every model refuse'],
    ['overflow', 'filling a context costs too much'],
  ]);
  if (keyVariable === null) cannot.set('keys', 'no key is sent');
  if (cachePrefixTokensMin(id) === null) cannot.set('cache', 'nothing is known of a prompt cache');
  const can = new Set(skills.filter((skill) => !cannot.has(skill)));
  return { can, cannot, unsure: new Set<ProviderSkill>(isOwn ? ['keys', 'cache'] : []) };
}

const skills: readonly ProviderSkill[] = Object.freeze([
  'keys',
  'cache',
  'images',
  'output-schema',
  'refuse',
  'overflow',
]);

function wrong(message: string): InspanError {
  return new InspanError([failure('wrong-input', message)]);
}
