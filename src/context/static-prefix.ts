import {
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
  });
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
