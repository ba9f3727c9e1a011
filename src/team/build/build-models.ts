import { fail, ok, type Result } from '../../core/index.ts';
import { didYouMean } from '../settings/closest.ts';
import type { Report } from '../settings/report.ts';
import type { TeamSource } from './team-source.ts';

/** The models a team may name. */
export interface ModelNames {
  /** Alias → ids, with aliases of aliases already followed. */
  readonly chains: Readonly<Record<string, readonly string[]>>;
  /** Says which alias or id a name means. */
  find(name: string): Result<string>;
}

/** What an agent that names no model asks for: an alias the team, or whoever runs it, gives a meaning. */
export const defaultModel = 'default';
const offline = 'offline';

/** Checks the model aliases of a team and follows them to ids. */
export function buildModels(
  { settings, placeOf }: TeamSource,
  resolveModelName: (name: string) => string,
  report: Report,
): ModelNames {
  const written = new Map(
    Object.entries(settings.models ?? {}).map(([alias, chain]) => [
      alias,
      typeof chain === 'string' ? [chain] : chain,
    ]),
  );
  const find = (name: string) => findModel(name, written, resolveModelName);
  const chains = [...written.keys()].map((alias): [string, readonly string[]] => {
    const place = placeOf(['models', alias]);
    const chain = isAliasName(alias)
      ? followChain(alias, { written, find, trail: [alias] })
      : fail(
          'wrong-team',
          `"${alias}" cannot be an alias: it is a model's own name; write a word without "/"`,
        );
    if (!chain.ok) report.fail(place, chain.failure.message);
    return [alias, chain.ok ? chain.value : []];
  });
  return { chains: Object.fromEntries(chains), find };
}

interface Following {
  readonly written: ReadonlyMap<string, readonly string[]>;
  readonly find: (name: string) => Result<string>;
  readonly trail: readonly string[];
}

function followChain(alias: string, following: Following): Result<readonly string[]> {
  const { written, find, trail } = following;
  const names = written.get(alias) ?? [];
  if (names.length === 0)
    return fail('wrong-team', `models.${alias} is empty; name at least one provider/name`);
  const ids: string[] = [];
  for (const name of names) {
    const found = find(name);
    if (!found.ok) return fail('wrong-team', `models.${alias}: ${found.failure.message}`);
    if (!written.has(found.value)) {
      if (found.value === defaultModel) {
        return fail(
          'wrong-team',
          `models.${alias} names the alias default, which is not there; write a provider/name`,
        );
      }
      ids.push(found.value);
      continue;
    }
    if (trail.includes(found.value)) {
      const circle = [...trail.slice(trail.indexOf(found.value)), found.value].join(' → ');
      return fail('wrong-team', `the aliases ${circle} go in a circle; give one of them a provider/name`);
    }
    const inner = followChain(found.value, { ...following, trail: [...trail, found.value] });
    if (!inner.ok) return inner;
    ids.push(...inner.value);
  }
  return ok([...new Set(ids)]);
}

function findModel(
  name: string,
  aliases: ReadonlyMap<string, unknown>,
  resolveModelName: (name: string) => string,
): Result<string> {
  if (aliases.has(name)) return ok(name);
  const resolved = name === 'inherit' ? defaultModel : resolveModelName(name);
  if (aliases.has(resolved) || resolved === defaultModel || resolved === offline) return ok(resolved);
  if (/^[^/\s]+\/\S+$/.test(resolved)) return ok(resolved);
  const hint = didYouMean(name, [...aliases.keys(), defaultModel, offline]);
  return fail('wrong-team', `"${name}" is neither an alias of models nor provider/name.${hint}`);
}

function isAliasName(alias: string): boolean {
  return /^[^/\s]+$/.test(alias) && alias !== offline;
}
