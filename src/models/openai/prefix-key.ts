import { hashJson, type ModelRequest } from '../../core/index.ts';

type Tools = ModelRequest['tools'];
type System = ModelRequest['system'];

/**
 * Names the static part of requests: those that share it are sent where it is cached.
 * Hashed once per static part: its tools and system blocks come back as the same arrays in every request.
 */
export function createPrefixKeys(): (request: ModelRequest) => string {
  const known = new WeakMap<Tools, WeakMap<System, string>>();
  return ({ tools, system }) => {
    const keys = known.get(tools) ?? new WeakMap<System, string>();
    known.set(tools, keys);
    const key = keys.get(system) ?? prefixKey(tools, system);
    keys.set(system, key);
    return key;
  };
}

function prefixKey(tools: Tools, system: System): string {
  const told = tools.map(({ name, purpose, inputSchema }) => [name, purpose, inputSchema]);
  // 32 hexadecimal digits tell static parts apart well enough, and keys may be 64 characters long at most.
  return hashJson([told, system.map((block) => block.text)]).slice(0, 32);
}
