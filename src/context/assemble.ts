import type {
  Effort,
  Message,
  ModelRequest,
  OutputSchema,
  SystemBlock,
  ToolDefinition,
} from '../core/index.ts';

/** What a request is made of. `system` and `tools` are the same objects in every job of a team. */
export interface RequestParts {
  readonly lane: string;
  readonly tools: readonly ToolDefinition[];
  readonly system: readonly SystemBlock[];
  readonly history: readonly Message[];
  readonly outputTokensMax: number;
  readonly effort: Effort | null;
  readonly output: OutputSchema | null;
}

/**
 * Makes the next request of a lane: static parts first, then history, the newest last.
 * The two newest user messages carry cache marks: with the two of the system part that is the four providers allow.
 */
export function assembleRequest(parts: RequestParts): ModelRequest {
  const { lane, tools, system, history, outputTokensMax, effort, output } = parts;
  return Object.freeze({
    lane,
    tools,
    system,
    messages: Object.freeze(markNewest(history)),
    outputTokensMax,
    ...(effort === null ? {} : { effort }),
    ...(output === null ? {} : { output }),
  });
}

/** Rolling marks: one to write the new prefix, one where the last turn wrote its own. */
const rollingMarks = 2;

function markNewest(history: readonly Message[]): readonly Message[] {
  const users = history.flatMap(({ role }, index) => (role === 'user' ? [index] : []));
  const marked = new Set(users.slice(-rollingMarks));
  return history.map((message, index) =>
    message.role === 'user' && marked.has(index) ? { ...message, cacheMark: 'short' as const } : message,
  );
}
