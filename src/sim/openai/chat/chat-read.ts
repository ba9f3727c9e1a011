import type { SimModel } from '../../server/wire.ts';
import type { Wanted } from '../ask.ts';
import { type Checked, invalid, notSimulated, passed } from '../problem.ts';
import { type CacheOptions, cacheWish, markOf } from '../request/cache-wish.ts';
import { type Item, type Piece, textPiece } from '../request/conversation.ts';
import { checkFormat, type Format } from '../request/format.ts';
import { checkFunctions, chosenFunctions, type OfferedFunction } from '../request/functions.ts';
import { callPiece, readImage, resultPiece, thinkingPiece } from '../request/parts.ts';
import { isReasoningModel, tierOf } from '../request/settings.ts';
import { type ChatBody, type ChatMessage, chatUnsimulated } from './chat-body.ts';

/** Reads a checked body of Chat Completions: what it asks, or why it is refused. */
export function readChat(body: ChatBody, model: SimModel, key: string): Checked<Wanted> {
  const refused = unsupported(body, model) ?? misplacedTool(body.messages) ?? wordlessJson(body);
  if (refused !== null) return refused;
  const items = readItems(body);
  if (!items.ok) return items;
  const format = checkFormat(formatOf(body), 'response_format', null);
  if (!format.ok) return format;
  const functions = checkFunctions(functionsOf(body), (index) => `tools[${index}].function.parameters`);
  if (!functions.ok) return functions;
  const callable = chosenFunctions(functions.value, choiceOf(body));
  if (!callable.ok) return callable;
  const effort = body.reasoning_effort ?? null;
  return passed({
    model,
    wire: 'chat',
    key,
    items: items.value,
    functions: functions.value,
    callable: callable.value,
    format: format.value,
    effort,
    outputTokensMax: body.max_completion_tokens ?? body.max_tokens ?? model.outputTokensMax,
    caching: cacheWish(body, { effort, verbosity: body.verbosity ?? null, format: format.value }),
    tier: tierOf(body.service_tier),
  });
}

type Refused = Extract<Checked<never>, { readonly ok: false }>;

/** Local servers take what OpenAI's reasoning models refuse. */
function unsupported(body: ChatBody, model: SimModel): Refused | null {
  const unknown = chatUnsimulated.find((param) => Boolean(body[param]));
  if (unknown !== undefined) return notSimulated(`'${unknown}'`, unknown);
  if ((body.n ?? 1) > 1) return notSimulated('More than one choice', 'n');
  if (body.logprobs === true) return notSimulated("'logprobs'", 'logprobs');
  if (body.modalities?.includes('audio') === true) return notSimulated('Audio', 'modalities');
  const refused = overlong(body, model);
  if (refused !== null || model.provider === 'ollama') return refused;
  if (isReasoningModel(model.name)) return unsupportedByReasoning(body);
  return typeof body.reasoning_effort === 'string'
    ? invalid('Unrecognized request argument supplied: reasoning_effort')
    : null;
}

function overlong(body: ChatBody, { outputTokensMax, provider }: SimModel): Refused | null {
  const asked = body.max_completion_tokens ?? body.max_tokens ?? 0;
  if (asked <= outputTokensMax || provider === 'ollama') return null;
  const message = `max_tokens is too large: ${asked}. This model supports at most ${outputTokensMax} completion tokens, whereas you provided ${asked}.`;
  return invalid(
    message,
    body.max_completion_tokens ? 'max_completion_tokens' : 'max_tokens',
    'invalid_value',
  );
}

function unsupportedByReasoning(body: ChatBody): Refused | null {
  if (typeof body.max_tokens === 'number') {
    const message =
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.";
    return invalid(message, 'max_tokens', 'unsupported_parameter');
  }
  for (const param of ['temperature', 'top_p'] as const) {
    const value = body[param] ?? 1;
    if (value === 1) continue;
    const message = `Unsupported value: '${param}' does not support ${value} with this model. Only the default (1) value is supported.`;
    return invalid(message, param, 'unsupported_value');
  }
  const refused = (['stop', 'frequency_penalty', 'presence_penalty', 'logit_bias'] as const).find((param) =>
    Boolean(body[param]),
  );
  if (refused === undefined) return null;
  const message = `Unsupported parameter: '${refused}' is not supported with this model.`;
  return invalid(message, refused, 'unsupported_parameter');
}

/** Every call is answered right after it was made, and nothing else is. */
function misplacedTool(messages: readonly ChatMessage[]): Refused | null {
  let open = new Set<string>();
  for (const [index, message] of messages.entries()) {
    if (message.role === 'tool') {
      if (!open.delete(message.tool_call_id)) return answersNothing(index);
      continue;
    }
    if (open.size > 0) return unanswered(open);
    if (message.role === 'assistant') open = new Set(message.tool_calls?.map(({ id }) => id));
  }
  return open.size > 0 ? unanswered(open) : null;
}

function answersNothing(index: number): Refused {
  const message =
    "Invalid parameter: messages with role 'tool' must be a response to a preceding message with 'tool_calls'.";
  return invalid(message, `messages.[${index}].role`);
}

function unanswered(open: ReadonlySet<string>): Refused {
  const message = `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${[...open].join(', ')}`;
  return invalid(message, 'messages');
}

/** Free JSON is only given to those who ask for it in words. */
function wordlessJson({ response_format, messages }: ChatBody): Refused | null {
  if (response_format?.type !== 'json_object' || /json/i.test(JSON.stringify(messages))) return null;
  const message =
    "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.";
  return invalid(message, 'messages');
}

function readItems({ messages, prompt_cache_options }: ChatBody): Checked<readonly Item[]> {
  const items: Item[] = [];
  for (const [index, message] of messages.entries()) {
    const pieces = readPieces(message, `messages[${index}]`, prompt_cache_options);
    if (!pieces.ok) return pieces;
    const role = message.role === 'developer' ? 'system' : message.role;
    items.push({ role, pieces: pieces.value });
  }
  return passed(items);
}

function readPieces(
  message: ChatMessage,
  place: string,
  options: CacheOptions | undefined,
): Checked<readonly Piece[]> {
  if (message.role === 'assistant') return passed(replyPieces(message));
  if (message.role === 'tool') {
    const { content, tool_call_id } = message;
    const parts = typeof content === 'string' ? [{ text: content }] : content;
    const marks = typeof content === 'string' ? [] : content.map((part) => part.prompt_cache_breakpoint);
    const text = parts.map((part) => part.text).join('');
    return passed([resultPiece(tool_call_id, text, markOf(marks.at(-1), options))]);
  }
  if (typeof message.content === 'string') return passed([textPiece(message.content)]);
  const pieces: Piece[] = [];
  for (const [index, part] of message.content.entries()) {
    const mark = markOf(part.prompt_cache_breakpoint, options);
    if (part.type === 'text') {
      pieces.push(textPiece(part.text, mark));
      continue;
    }
    const image = readImage(part.image_url.url, `${place}.content[${index}].image_url.url`);
    if (!image.ok) return image;
    pieces.push({ block: image.value, content: part.image_url.url, mark });
  }
  return passed(pieces);
}

function replyPieces(message: Extract<ChatMessage, { readonly role: 'assistant' }>): readonly Piece[] {
  const { content, refusal, tool_calls, reasoning } = message;
  const parts = typeof content === 'string' ? [content] : (content ?? []).map(spokenText);
  const texts = [...parts, refusal ?? ''].filter((text) => text !== '');
  return [
    ...(reasoning ? [thinkingPiece(reasoning)] : []),
    ...texts.map((text) => textPiece(text)),
    ...(tool_calls ?? []).map((call) => callPiece(call.id, call.function.name, call.function.arguments)),
  ];
}

function spokenText(
  part:
    | { readonly type: 'text'; readonly text: string }
    | { readonly type: 'refusal'; readonly refusal: string },
): string {
  return part.type === 'text' ? part.text : part.refusal;
}

function formatOf({ response_format: format }: ChatBody): Format {
  if (format?.type !== 'json_schema') return format ?? { type: 'text' };
  const { name, schema, strict } = format.json_schema;
  return { type: 'json_schema', name, schema: schema ?? { type: 'object' }, strict: strict ?? false };
}

function functionsOf({ tools }: ChatBody): readonly OfferedFunction[] {
  return (tools ?? []).map((tool) => ({
    name: tool.function.name,
    description: tool.function.description ?? '',
    parameters: tool.function.parameters ?? {},
    strict: tool.function.strict ?? false,
    written: tool,
  }));
}

function choiceOf({ tool_choice: choice }: ChatBody): readonly string[] | null {
  if (choice === undefined || choice === 'auto' || choice === 'required') return null;
  if (choice === 'none') return [];
  const functions = choice.type === 'function' ? [choice] : choice.allowed_tools.tools;
  return functions.map((each) => each.function.name);
}
