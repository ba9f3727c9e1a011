import type { SimModel } from '../../server/wire.ts';
import type { Wanted } from '../ask.ts';
import { type Checked, invalid, notSimulated, passed } from '../problem.ts';
import { type CacheOptions, cacheWish, markOf } from '../request/cache-wish.ts';
import { type Item, type Piece, textPiece } from '../request/conversation.ts';
import { checkFormat, type Format } from '../request/format.ts';
import { checkFunctions, chosenFunctions, type OfferedFunction } from '../request/functions.ts';
import { callPiece, readImage, resultPiece, thinkingPiece } from '../request/parts.ts';
import { isReasoningModel, tierOf } from '../request/settings.ts';
import { type InputItem, type ResponsesBody, responsesUnsimulated } from './responses-body.ts';
import { unsealed } from './responses-items.ts';
import type { ResponsesMemory } from './responses-memory.ts';

/** Where a request comes from and what it may go on from. */
export interface ReadingPlace {
  readonly model: SimModel;
  readonly key: string;
  readonly memory: ResponsesMemory;
}

/** A request that was read. */
export interface WantedResponse {
  readonly wanted: Wanted;
  /** Every item so far, those of earlier responses included. */
  readonly conversation: readonly InputItem[];
}

/** Reads a checked body of Responses: what it asks, or why it is refused. */
export function readResponses(body: ResponsesBody, place: ReadingPlace): Checked<WantedResponse> {
  const { model, key } = place;
  const refused = unsupported(body, model);
  if (refused !== null) return refused;
  const conversation = conversationOf(body, place);
  if (!conversation.ok) return conversation;
  const items = readItems(conversation.value, body.prompt_cache_options);
  if (!items.ok) return items;
  const format = checkFormat(formatOf(body), 'text.format.schema', 'invalid_json_schema');
  if (!format.ok) return format;
  const functions = checkFunctions(functionsOf(body), (index) => `tools[${index}].parameters`);
  if (!functions.ok) return functions;
  const callable = chosenFunctions(functions.value, choiceOf(body));
  if (!callable.ok) return callable;
  const effort = body.reasoning?.effort ?? null;
  const instructions: readonly Item[] = body.instructions
    ? [{ role: 'system', pieces: [textPiece(body.instructions)] }]
    : [];
  const wanted: Wanted = {
    model,
    wire: 'responses',
    key,
    items: [...instructions, ...items.value],
    functions: functions.value,
    callable: callable.value,
    format: format.value,
    effort,
    outputTokensMax: body.prompt_cache_options?.prewarm
      ? 0
      : (body.max_output_tokens ?? model.outputTokensMax),
    caching: cacheWish(body, { effort, verbosity: body.text?.verbosity ?? null, format: format.value }),
    tier: tierOf(body.service_tier),
  };
  return passed({ wanted, conversation: conversation.value });
}

type Refused = Extract<Checked<never>, { readonly ok: false }>;

function unsupported(body: ResponsesBody, model: SimModel): Refused | null {
  const unknown = responsesUnsimulated.find((param) => Boolean(body[param]));
  if (unknown !== undefined) return notSimulated(`'${unknown}'`, unknown);
  if (body.truncation === 'auto') return notSimulated("Truncation 'auto'", 'truncation');
  const param = isReasoningModel(model.name)
    ? (['temperature', 'top_p'] as const).find((each) => (body[each] ?? 1) !== 1)
    : body.reasoning?.effort && 'reasoning.effort';
  if (!param) return null;
  const message = `Unsupported parameter: '${param}' is not supported with this model.`;
  return invalid(message, param, 'unsupported_parameter');
}

/** Puts earlier items before those of this request, and looks up references. */
function conversationOf(
  { input, previous_response_id: previousId }: ResponsesBody,
  { key, memory }: ReadingPlace,
): Checked<readonly InputItem[]> {
  const previous = previousId ? memory.find(key, previousId) : null;
  if (previousId && previous === null) {
    const message = `Previous response with id '${previousId}' not found.`;
    return invalid(message, 'previous_response_id', 'previous_response_not_found');
  }
  const given: readonly InputItem[] =
    typeof input === 'string' ? [{ role: 'user', content: input }] : (input as readonly InputItem[]);
  const items = [...(previous?.conversation ?? [])];
  for (const item of given) {
    const found = item.type === 'item_reference' ? memory.findItem(key, item.id) : item;
    if (found === null) return noSuchItem(item);
    items.push(found);
  }
  return unpaired(items) ?? passed(items);
}

function noSuchItem(item: InputItem): Refused {
  const message = `Item with id '${String(item['id'])}' not found.`;
  const problem = { status: 404, type: 'invalid_request_error', code: null, param: 'input', message };
  return { ok: false, problem };
}

/** Every result has its call before it, every call a result after it, and thinking leads to something. */
function unpaired(items: readonly InputItem[]): Refused | null {
  const open = new Set<string>();
  for (const item of items) {
    if (item.type === 'function_call') open.add(item.call_id);
    if (item.type === 'function_call_output' && !open.delete(item.call_id))
      return invalid(`No tool call found for function call output with call_id ${item.call_id}.`, 'input');
  }
  const [unanswered] = open;
  if (unanswered !== undefined)
    return invalid(`No tool output found for function call ${unanswered}.`, 'input');
  const last = items.at(-1);
  if (last?.type !== 'reasoning') return null;
  const message = `Item '${last.id}' of type 'reasoning' was provided without its required following item.`;
  return invalid(message, 'input');
}

function readItems(input: readonly InputItem[], options: CacheOptions | undefined): Checked<readonly Item[]> {
  const items: Item[] = [];
  for (const [index, item] of input.entries()) {
    const read = readItem(item, `input[${index}]`, options);
    if (!read.ok) return read;
    items.push(read.value);
  }
  return passed(items);
}

function readItem(item: InputItem, place: string, options: CacheOptions | undefined): Checked<Item> {
  switch (item.type) {
    case 'function_call':
      return passed({ role: 'assistant', pieces: [callPiece(item.call_id, item.name, item.arguments)] });
    case 'function_call_output':
      return passed({ role: 'tool', pieces: [outputPiece(item, options)] });
    case 'reasoning':
      return readReasoning(item);
    case 'item_reference':
      return noSuchItem(item);
    default:
      return readMessage(item, place, options);
  }
}

type ItemOf<Type extends InputItem['type']> = Extract<InputItem, { readonly type: Type }>;
type MessageInput = Extract<InputItem, { readonly role: string }>;

function outputPiece(
  { call_id, output }: ItemOf<'function_call_output'>,
  options: CacheOptions | undefined,
): Piece {
  if (typeof output === 'string') return resultPiece(call_id, output, null);
  const mark = markOf(output.at(-1)?.prompt_cache_breakpoint, options);
  return resultPiece(call_id, output.map(({ text }) => text).join(''), mark);
}

/** Thinking that comes back without its seal is no more than its summary. */
function readReasoning({ id, summary, encrypted_content: content }: ItemOf<'reasoning'>): Checked<Item> {
  const thinking = content ? unsealed(content) : summary.map(({ text }) => text).join('\n\n');
  if (thinking === null) {
    const message = `The encrypted content for item ${id} could not be verified.`;
    return invalid(message, 'input', 'invalid_encrypted_content');
  }
  return passed({ role: 'assistant', pieces: [thinkingPiece(thinking)] });
}

function readMessage(
  { role, content }: MessageInput,
  place: string,
  options: CacheOptions | undefined,
): Checked<Item> {
  const side = role === 'developer' ? 'system' : role;
  if (typeof content === 'string') return passed({ role: side, pieces: [textPiece(content)] });
  const pieces: Piece[] = [];
  for (const [index, part] of content.entries()) {
    if (part.type === 'refusal') pieces.push(textPiece(part.refusal));
    else if (part.type === 'output_text') pieces.push(textPiece(part.text));
    else if (part.type === 'input_text')
      pieces.push(textPiece(part.text, markOf(part.prompt_cache_breakpoint, options)));
    else {
      const image = readImage(part.image_url, `${place}.content[${index}].image_url`);
      if (!image.ok) return image;
      const mark = markOf(part.prompt_cache_breakpoint, options);
      pieces.push({ block: image.value, content: part.image_url, mark });
    }
  }
  return passed({ role: side, pieces });
}

function formatOf({ text }: ResponsesBody): Format {
  const format = text?.format ?? { type: 'text' as const };
  if (format.type !== 'json_schema') return format;
  return { type: 'json_schema', name: format.name, schema: format.schema, strict: format.strict ?? false };
}

function functionsOf({ tools }: ResponsesBody): readonly OfferedFunction[] {
  return (tools ?? []).map((tool) => ({
    name: tool.name,
    description: tool.description ?? '',
    parameters: tool.parameters ?? {},
    strict: tool.strict ?? false,
    written: tool,
  }));
}

function choiceOf({ tool_choice: choice }: ResponsesBody): readonly string[] | null {
  if (choice === undefined || choice === 'auto' || choice === 'required') return null;
  if (choice === 'none') return [];
  return choice.type === 'function' ? [choice.name] : choice.tools.map(({ name }) => name);
}
