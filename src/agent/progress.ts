import { emptyLane, extendLane, type Lane, messageTokens, type Pins, tokenRatio } from '../context/index.ts';
import {
  addUsage,
  type CountTokens,
  type Message,
  type ModelRequest,
  noUsage,
  type Reply,
  totalInputTokens,
  totalOutputTokens,
  type Usage,
} from '../core/index.ts';

/** How far an agent has come. Each turn makes a new one. */
export interface Progress {
  readonly lane: Lane;
  /** What stands before the messages, counted here. */
  readonly staticTokens: number;
  /** What the next request will put into the window: what the provider last reported, and an estimate of what came after. */
  readonly contextTokens: number;
  /** Tokens of the model for one counted here: of the whole lane, as its last reply reported it. */
  readonly ratio: number;
  /** The request before, and how large it was; null where the lane begins (again). */
  readonly sent: Sent | null;
  readonly usage: Usage;
  readonly toolCalls: number;
  readonly reminders: number;
  /** The model's window, once it has been looked up. */
  readonly windowTokens: number | null;
  /** What earlier summaries had to keep. */
  readonly pins: Pins | null;
  /** How many summaries were asked for. */
  readonly summaries: number;
  /** How large the context was when the last summary did not help; null where it did, or none was asked for. */
  readonly summaryFailedTokens: number | null;
}

/** A request as it went out. */
export interface Sent {
  readonly request: ModelRequest;
  /** How many messages it had, and all of its input as the provider reported it. */
  readonly messages: number;
  readonly contextTokens: number;
}

/** Begins a conversation. `staticTokens`: what stands before it, counted here. */
export function beginProgress(task: Message, staticTokens: number, countTokens: CountTokens): Progress {
  const lane = extendLane(emptyLane, task, messageTokens([task], countTokens));
  return {
    lane,
    staticTokens,
    contextTokens: staticTokens + lane.tokens,
    ratio: 1,
    sent: null,
    usage: noUsage,
    toolCalls: 0,
    reminders: 0,
    windowTokens: null,
    pins: null,
    summaries: 0,
    summaryFailedTokens: null,
  };
}

/** Takes in a reply. Its tokens are the provider's own: nothing of it is counted here where they are known. */
export function withReply(
  progress: Progress,
  { request, reply }: { readonly request: ModelRequest; readonly reply: Reply },
  countTokens: CountTokens,
): Progress {
  // Providers refuse an assistant message without content, so an empty reply is written as one that says so.
  const blocks = reply.blocks.length > 0 ? reply.blocks : [{ type: 'text', text: '(empty answer)' } as const];
  const message: Message = { role: 'assistant', blocks };
  const [input, output] = [totalInputTokens(reply.usage), totalOutputTokens(reply.usage)];
  const ratio = input > 0 ? tokenRatio(input, progress.staticTokens + progress.lane.tokens) : progress.ratio;
  const contextTokens = input > 0 ? input : progress.contextTokens;
  const counted = output > 0 ? Math.round(output / ratio) : messageTokens([message], countTokens);
  return {
    ...progress,
    lane: extendLane(progress.lane, message, counted),
    contextTokens: contextTokens + (output > 0 ? output : Math.round(counted * ratio)),
    ratio,
    sent: { request, messages: request.messages.length, contextTokens },
    usage: addUsage(progress.usage, reply.usage),
  };
}

/** Adds what answers a reply: tool results, a reminder. */
export function withMessage(progress: Progress, message: Message, countTokens: CountTokens): Progress {
  const tokens = messageTokens([message], countTokens);
  return {
    ...progress,
    lane: extendLane(progress.lane, message, tokens),
    contextTokens: progress.contextTokens + Math.round(tokens * progress.ratio),
  };
}

/** Puts other messages in the place of the conversation: a new lane, which extends nothing. */
export function withMessages(
  progress: Progress,
  messages: readonly Message[],
  countTokens: CountTokens,
): Progress {
  const lane = messages.reduce(
    (before, message) => extendLane(before, message, messageTokens([message], countTokens)),
    emptyLane,
  );
  const contextTokens = Math.round((progress.staticTokens + lane.tokens) * progress.ratio);
  return { ...progress, lane, contextTokens, sent: null };
}

/** Puts another message in the place of the newest, which was not sent yet: all that was sent is still extended. */
export function withNewest(progress: Progress, message: Message, countTokens: CountTokens): Progress {
  const before = progress.lane.messages
    .slice(0, -1)
    .reduce((lane, sent) => extendLane(lane, sent, 0), emptyLane);
  const { tokens, taskTokens, newestTokens } = progress.lane;
  const counted = messageTokens([message], countTokens);
  const added = counted - newestTokens;
  return {
    ...progress,
    lane: { ...extendLane(before, message, counted), tokens: tokens + added, taskTokens },
    contextTokens: progress.contextTokens + Math.round(added * progress.ratio),
  };
}
