import {
  type CacheLife,
  type CountTokens,
  type OutputSchema,
  type PrefixParts,
  type SystemBlock,
  staticHash,
  type ToolDefinition,
} from '../core/index.ts';
import { toolTokens } from './bill.ts';

/** What all requests of an agent begin with: the same objects, and the same bytes, in every job. */
export interface StaticPrefix extends PrefixParts {
  /** How many of the first system blocks other agents of the team send as well. */
  readonly sharedBlocks: number;
  readonly output: OutputSchema | null;
  /** Names tools, system texts and output schema: the static half of a request's identity. */
  readonly hash: string;
  /** Names the tools and the shared system blocks. */
  readonly sharedHash: string;
  /** Counts the parts; with one counter only once. */
  tokens(countTokens: CountTokens): StaticTokens;
  /** The system part with these marks: the same objects in every job, so whatever is known of them is known for all. */
  marked(marks: StaticMarks): readonly SystemBlock[];
}

/** How long a static part is cached: as far as others share it, and all of it; null where it is not. */
export interface StaticMarks {
  readonly shared: CacheLife | null;
  readonly own: CacheLife | null;
}

/** Tokens of a static part, counted here. */
export interface StaticTokens {
  readonly tools: number;
  /** Of each system block, in its order. */
  readonly system: readonly number[];
  /** Tools and shared blocks. */
  readonly shared: number;
  readonly total: number;
}

/** What a static prefix is made of. */
export interface StaticPrefixParts {
  readonly tools: readonly ToolDefinition[];
  readonly system: readonly SystemBlock[];
  readonly sharedBlocks: number;
  readonly output: OutputSchema | null;
}

/** Makes an agent's static prefix. Hashed here and counted at the first run, for all jobs of the team. */
export function createStaticPrefix(parts: StaticPrefixParts): StaticPrefix {
  const { tools, system, sharedBlocks, output } = parts;
  const counted = new WeakMap<CountTokens, StaticTokens>();
  // By both marks: nine at the most.
  const marked = new Map<string, readonly SystemBlock[]>();
  return Object.freeze({
    tools,
    system,
    sharedBlocks,
    output,
    hash: staticHash({ tools, system, ...(output === null ? {} : { output }) }),
    sharedHash: staticHash({ tools, system: system.slice(0, sharedBlocks) }),
    tokens(countTokens: CountTokens) {
      const known = counted.get(countTokens) ?? countParts(parts, countTokens);
      counted.set(countTokens, known);
      return known;
    },
    marked(marks: StaticMarks) {
      const name = `${marks.shared} ${marks.own}`;
      const blocks = marked.get(name) ?? markedBlocks(parts, marks);
      marked.set(name, blocks);
      return blocks;
    },
  });
}

function markedBlocks(
  { system, sharedBlocks }: StaticPrefixParts,
  { shared, own }: StaticMarks,
): readonly SystemBlock[] {
  return Object.freeze(
    system.map(({ id, stability, text }, index) => {
      const life = index === system.length - 1 ? own : index === sharedBlocks - 1 ? shared : null;
      return Object.freeze({ id, stability, text, ...(life === null ? {} : { cacheMark: life }) });
    }),
  );
}

function countParts(
  { tools, system, sharedBlocks }: StaticPrefixParts,
  countTokens: CountTokens,
): StaticTokens {
  const inTools = toolTokens(tools, countTokens);
  const inSystem = system.map(({ text }) => countTokens(text));
  return {
    tools: inTools,
    system: inSystem,
    shared: inTools + sum(inSystem.slice(0, sharedBlocks)),
    total: inTools + sum(inSystem),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
