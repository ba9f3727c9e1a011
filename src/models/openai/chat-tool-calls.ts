import type { AssistantBlock, Json } from '../../core/index.ts';
import { parsedArguments } from '../wire/tool-arguments.ts';

/** A piece of a tool call as compatible servers really send it: anything may be missing. */
export interface ToolCallDelta {
  readonly index?: number | null;
  readonly id?: string | null;
  readonly function?: { readonly name?: string | null; readonly arguments?: unknown } | null;
  /** Google: a signature that must go back with the call. */
  readonly extra_content?: Json;
}

/** Puts tool calls together from their pieces. */
export interface ToolCalls {
  accept(delta: ToolCallDelta): void;
  /** `isCut`: the answer was cut, so a last call without arguments had not come to them. */
  blocks(isCut: boolean): readonly Extract<AssistantBlock, { readonly type: 'tool-call' }>[];
  /** What must go back with single calls, by their id; empty for most servers. */
  extras(): { readonly callExtras?: Json };
  /** Names and arguments as received. */
  said(): string;
}

interface GrowingCall {
  readonly index: number | null;
  readonly id: string;
  name: string;
  text: string;
  extra: Json | undefined;
}

/** Starts with nothing. `prefix` begins the ids of calls that come without one: it must differ from reply to reply. */
export function createToolCalls(prefix: string): ToolCalls {
  const calls: GrowingCall[] = [];

  function accept(delta: ToolCallDelta): void {
    const call = continued(calls, delta) ?? begun(delta);
    call.name ||= delta.function?.name ?? '';
    call.text += argumentsText(delta.function?.arguments);
    call.extra = delta.extra_content ?? call.extra;
  }

  function begun({ index, id }: ToolCallDelta): GrowingCall {
    const isNew = typeof id === 'string' && id !== '' && calls.every((call) => call.id !== id);
    const call = {
      index: index ?? null,
      id: isNew ? id : `${prefix}-${calls.length}`,
      name: '',
      text: '',
      extra: undefined,
    };
    calls.push(call);
    return call;
  }

  return {
    accept,
    blocks: (isCut) =>
      calls.map(({ id, name, text }, position) => {
        const isUnsaid = isCut && position === calls.length - 1 && text === '';
        return { type: 'tool-call', id, name, input: isUnsaid ? '' : parsedArguments(text) };
      }),
    extras() {
      const entries = calls.flatMap(({ id, extra }) =>
        extra === undefined ? [] : [[id, { extra_content: extra }] as const],
      );
      return entries.length === 0 ? {} : { callExtras: Object.fromEntries(entries) };
    },
    said: () => calls.map(({ name, text }) => name + text).join(' '),
  };
}

/**
 * The call a piece belongs to; undefined when it begins one.
 * Some servers give every parallel call the same index, others no index at all: a new id with a name begins a new call.
 */
function continued(
  calls: readonly GrowingCall[],
  { index, id, function: part }: ToolCallDelta,
): GrowingCall | undefined {
  const same = typeof index === 'number' ? calls.findLast((call) => call.index === index) : calls.at(-1);
  if (same === undefined) return undefined;
  const beginsAnother =
    typeof part?.name === 'string' &&
    part.name !== '' &&
    typeof id === 'string' &&
    id !== '' &&
    id !== same.id;
  const restarts = typeof index !== 'number' && typeof part?.name === 'string' && part.name !== '' && !id;
  return beginsAnother || restarts ? undefined : same;
}

function argumentsText(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
