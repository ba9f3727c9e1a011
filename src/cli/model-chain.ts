import type { Team } from '../team/index.ts';

/** The ids behind a model name of a team, in order; none where whoever runs it decides. */
export function modelChainOf(name: string, { models }: Team): readonly string[] {
  return models[name] ?? (name.includes('/') ? [name] : []);
}
