import type { Effort, Message, ModelRequest, OutputSchema } from '../core/index.ts';
import type { CacheMarks } from './marks.ts';
import type { StaticPrefix } from './static-prefix.ts';

/** What a request is made of. The prefix and the marks are the same objects in all requests of a lane. */
export interface RequestParts {
  readonly lane: string;
  readonly prefix: StaticPrefix;
  readonly marks: CacheMarks;
  readonly history: readonly Message[];
  /** Positions in the history that carry a rolling mark. */
  readonly markedAt: readonly number[];
  readonly outputTokensMax: number;
  readonly effort: Effort | null;
  readonly thinkingTokensMax: number | null;
  readonly output: OutputSchema | null;
}

/** Makes the next request of a lane: static parts first, then history, the newest last. */
export function assembleRequest(parts: RequestParts): ModelRequest {
  const { lane, prefix, marks, outputTokensMax, effort, thinkingTokensMax, output } = parts;
  return Object.freeze({
    lane,
    tools: prefix.tools,
    system: marks.system,
    messages: Object.freeze(markedMessages(parts)),
    outputTokensMax,
    ...(effort === null ? {} : { effort }),
    ...(thinkingTokensMax === null ? {} : { thinkingTokensMax }),
    ...(output === null ? {} : { output }),
  });
}

/**
 * Where the messages of a request are marked: at its end, to write it, and where the request before it ended, to read
 * that one. Two are enough however long a turn is: a reader that finds nothing within 20 positions of the last mark
 * goes on at the one before (Anthropic, "Prompt caching"), which stands exactly on what the last request wrote.
 */
export function rollingMarks(
  before: SentMessages | null,
  now: SentMessages,
  { rolling, tokensMin }: CacheMarks,
): readonly number[] {
  if (rolling === null) return [];
  const ends = before === null ? [now] : [before, now];
  return ends.filter(({ contextTokens }) => contextTokens >= tokensMin).map(({ messages }) => messages - 1);
}

/** How far a request reached. */
export interface SentMessages {
  /** How many it had. */
  readonly messages: number;
  /** All of its input, in the model's tokens. */
  readonly contextTokens: number;
}

function markedMessages({ history, markedAt, marks: { rolling } }: RequestParts): Message[] {
  return history.map((message, index) =>
    rolling !== null && message.role === 'user' && markedAt.includes(index)
      ? { ...message, cacheMark: rolling }
      : message,
  );
}
