import { type CacheLife, hashJson, type ModelRequest, staticHash } from '../../core/index.ts';

/** What a request begins with, as far as a provider's cache may keep it. */
export interface RequestPrefixes {
  /** Names tools, system texts and output schema, as `PrefixUse.prefix` does. */
  readonly whole: string;
  /** Up to each system block with a mark, the shortest first. */
  readonly marked: readonly MarkedPrefix[];
}

/** A prefix that ends at a mark. */
export interface MarkedPrefix {
  /** Names it, as `PrefixUse.prefix` does. */
  readonly hash: string;
  /** Tells cached prefixes apart: a schema for the answer changes what stands before everything else. */
  readonly identity: string;
  readonly life: CacheLife;
  /** How many system blocks it has. */
  readonly blocks: number;
}

/** Names the prefixes of requests. Requests of one lane share their system array, so it is worked out once for a lane. */
export function createPrefixNames(): (request: ModelRequest) => RequestPrefixes {
  const known = new WeakMap<ModelRequest['system'], Known>();
  return (request) => {
    const { tools, system, output } = request;
    const last = known.get(system);
    if (last !== undefined && last.tools === tools && last.output === output) return last.prefixes;
    const prefixes = prefixesOf(request);
    known.set(system, { tools, output, prefixes });
    return prefixes;
  };
}

interface Known {
  readonly tools: ModelRequest['tools'];
  readonly output: ModelRequest['output'];
  readonly prefixes: RequestPrefixes;
}

function prefixesOf({ tools, system, output }: ModelRequest): RequestPrefixes {
  const whole = staticHash({ tools, system, ...(output === undefined ? {} : { output }) });
  const marked = system.flatMap(({ cacheMark }, index): MarkedPrefix[] => {
    if (cacheMark === undefined) return [];
    const blocks = index + 1;
    const hash = blocks === system.length ? whole : staticHash({ tools, system: system.slice(0, blocks) });
    const identity = output === undefined ? hash : hashJson([hash, output]);
    return [{ hash, identity, life: cacheMark, blocks }];
  });
  return { whole, marked };
}
