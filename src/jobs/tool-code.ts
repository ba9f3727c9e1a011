import type { Tool } from '../core/index.ts';
import type { Team } from '../team/index.ts';

/** Hashes of the code behind a team's tools, by tool, where they are known. */
export function toolCodeOf({ members }: Team): Readonly<Record<string, string>> {
  const known = members
    .flatMap(({ tools }) => tools)
    .flatMap(({ name, codeHash }: Tool) => (codeHash === undefined ? [] : [[name, codeHash] as const]));
  return Object.fromEntries(known);
}
