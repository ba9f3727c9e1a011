/** What an agent may be called, in the words of a message. */
export const agentNameRule = '1–64 lowercase letters, digits and single hyphens';

/** Says whether a name can stand in prompts, paths and tool schemas as it is. */
export function isAgentName(name: string): boolean {
  return name.length <= 64 && /^[a-z0-9]+(-[a-z0-9]+)*$/.test(name);
}

/** The nearest name that an agent may have; empty when nothing of it is left. */
export function nearestAgentName(name: string): string {
  return name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 64)
    .replace(/-$/, '');
}
