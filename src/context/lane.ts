import {
  canonicalJson,
  hashBytes,
  hashJson,
  type Message,
  type ModelRequest,
  staticHash,
} from '../core/index.ts';

/** One conversation as it stands: it only grows, and what is known of it grows with it. */
export interface Lane {
  readonly messages: readonly Message[];
  /** Names the messages: each link is the hash of the one before and of a message. */
  readonly hash: string;
  /** Tokens of all messages, of the first and of the last, counted here. */
  readonly tokens: number;
  readonly taskTokens: number;
  readonly newestTokens: number;
}

/** A conversation in which nothing has been said. */
export const emptyLane: Lane = Object.freeze({
  messages: Object.freeze([]),
  hash: '',
  tokens: 0,
  taskTokens: 0,
  newestTokens: 0,
});

/** Adds a message. Costs as much as that message, however long the lane is. */
export function extendLane(lane: Lane, message: Message, tokens: number): Lane {
  return {
    messages: [...lane.messages, message],
    hash: linked(lane.hash, message),
    tokens: lane.tokens + tokens,
    taskTokens: lane.messages.length === 0 ? tokens : lane.taskTokens,
    newestTokens: tokens,
  };
}

/**
 * Hashes what a model is shown and allowed: the identity of a model call. Marks and lane are left out.
 * Always gives the same for equal requests, whether or not `known` hashes of their parts are handed in.
 */
export function requestHash(request: ModelRequest, known: Partial<KnownHashes> = {}): string {
  const { outputTokensMax, effort, thinkingTokensMax } = request;
  return hashJson({
    prefix: known.prefix ?? staticHash(request),
    messages: known.messages ?? request.messages.reduce(linked, ''),
    outputTokensMax,
    effort,
    thinkingTokensMax,
  });
}

/** Hashes that a lane has computed already. */
export interface KnownHashes {
  /** Of tools, system texts and output schema: `StaticPrefix.hash`. */
  readonly prefix: string;
  /** Of the messages: `Lane.hash`. */
  readonly messages: string;
}

function linked(hash: string, { role, blocks }: Message): string {
  return hashBytes(hash + canonicalJson({ role, blocks }));
}
