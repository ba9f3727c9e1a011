import {
  type AssistantBlock,
  isJsonObject,
  type Json,
  type JsonSchema,
  type Message,
  type ModelRequest,
  type UserBlock,
} from '../../core/index.ts';
import { toolEffectOf } from '../server/tool-effect.ts';
import type { ContentBlock, MessageBody } from './message-body.ts';
import type { ModelRules } from './model-rules.ts';
import { thinkingModeOf } from './thinking-mode.ts';
import { systemBlocksOf, type Turn, turnsOf } from './turns.ts';

/** What a brain is asked, and what its answer is to be turned into. */
export interface Reading {
  readonly request: ModelRequest;
  /** A tool that must be called: the brain is asked for its arguments as JSON. */
  readonly forcedTool: string | null;
}

/** Reads a checked body as the request of one agent run, `lane`. */
export function readRequest(body: MessageBody, rules: ModelRules, lane: string): Reading {
  const turns = turnsOf(body);
  const tools = body.tool_choice?.type === 'none' ? [] : (body.tools ?? []).map(toolOf);
  const forced = forcedToolOf(body, tools);
  const schema = forced?.inputSchema ?? (body.output_config?.format?.schema as JsonSchema | undefined);
  const request: ModelRequest = {
    lane,
    tools: forced === null ? tools : [],
    system: systemBlocksOf(body).map(({ text }, at) => ({ id: `system:${at}`, stability: 'job', text })),
    messages: turns.map(messageOf),
    outputTokensMax: body.max_tokens,
    ...thinkingOf(body, rules, turns),
    ...(schema === undefined ? {} : { output: { name: forced?.name ?? 'answer', schema } }),
  };
  return { request, forcedTool: forced?.name ?? null };
}

function toolOf(tool: NonNullable<MessageBody['tools']>[number]): ModelRequest['tools'][number] {
  const purpose = tool.description ?? '';
  const inputSchema = tool.input_schema as JsonSchema;
  return { name: tool.name, purpose, inputSchema, effect: toolEffectOf(tool.name, purpose) };
}

/** The named tool; or the only one there is when some tool must be called. Among several a brain chooses itself. */
function forcedToolOf(
  { tool_choice: choice }: MessageBody,
  tools: ModelRequest['tools'],
): ModelRequest['tools'][number] | null {
  if (choice?.type === 'tool') return tools.find(({ name }) => name === choice.name) ?? null;
  return choice?.type === 'any' && tools.length === 1 ? (tools[0] ?? null) : null;
}

/** A model that thinks between tools only thinks once results are there. */
function thinkingOf(
  body: MessageBody,
  rules: ModelRules,
  turns: readonly Turn[],
): Pick<ModelRequest, 'effort' | 'thinkingTokensMax'> {
  const { type, tokensMax, effort } = thinkingModeOf(body, rules);
  const hasResults = turns.at(-1)?.blocks.some(({ block }) => block.type === 'tool_result') ?? false;
  const isOff = type === 'disabled' || (type === 'between_tools' && !hasResults);
  const most = isOff ? 0 : tokensMax;
  return { ...(effort === null ? {} : { effort }), ...(most === null ? {} : { thinkingTokensMax: most }) };
}

function messageOf({ role, blocks }: Turn): Message {
  const plain = blocks.map(({ block }) => block);
  return role === 'assistant'
    ? { role, blocks: plain.flatMap(assistantBlockOf) }
    : { role: 'user', blocks: plain.flatMap(userBlocksOf) };
}

function assistantBlockOf(block: ContentBlock): readonly AssistantBlock[] {
  switch (block.type) {
    case 'text':
      return block.text === '' ? [] : [{ type: 'text', text: block.text }];
    case 'tool_use':
      return [{ type: 'tool-call', id: block.id, name: block.name, input: block.input as Json }];
    case 'thinking':
    case 'redacted_thinking':
      return [{ type: 'opaque', provider: 'anthropic', content: { ...block } }];
    default:
      return [{ type: 'text', text: spokenText(block) }];
  }
}

function userBlocksOf(block: ContentBlock): readonly UserBlock[] {
  switch (block.type) {
    case 'image':
      return imageOf(block);
    case 'tool_result':
      return [
        {
          type: 'tool-result',
          id: block.tool_use_id,
          text: spokenText(block),
          failed: block.is_error === true,
        },
        ...picturesIn(block),
      ];
    default:
      return [{ type: 'text', text: spokenText(block) }];
  }
}

type ImageBody = Extract<ContentBlock, { readonly type: 'image' }>;

/** Pictures that are only referred to cannot be seen: nothing is fetched. */
function imageOf({ source }: ImageBody): readonly UserBlock[] {
  if (source.type !== 'base64') return [{ type: 'text', text: '[image]' }];
  return [{ type: 'image', mediaType: source.media_type, base64: source.data }];
}

function picturesIn({
  content,
}: Extract<ContentBlock, { readonly type: 'tool_result' }>): readonly UserBlock[] {
  return Array.isArray(content)
    ? content.flatMap((part) => (part.type === 'image' ? imageOf(part) : []))
    : [];
}

/** What a block says in words; pictures and documents that are no text say that they are there. */
export function spokenText(block: ContentBlock): string {
  switch (block.type) {
    case 'text':
      return block.text;
    case 'thinking':
      return block.thinking;
    case 'redacted_thinking':
      return block.data;
    case 'tool_use':
      return `${block.name} ${JSON.stringify(block.input)}`;
    case 'tool_result':
      return resultText(block.content ?? '');
    case 'search_result':
      return [block.title, block.source, ...block.content.map(({ text }) => text)].join('\n');
    case 'document':
      return [block.title ?? '', block.context ?? '', documentText(block.source as JsonSchema)]
        .filter((text) => text !== '')
        .join('\n');
    case 'image':
      return '';
  }
}

function resultText(content: string | readonly ContentBlock[]): string {
  if (typeof content === 'string') return content;
  return content
    .map(spokenText)
    .filter((text) => text !== '')
    .join('\n');
}

function documentText(source: JsonSchema): string {
  const { type, data, content } = source;
  if (type === 'text' && typeof data === 'string') return data;
  if (type !== 'content') return '[document]';
  if (typeof content === 'string') return content;
  const parts = Array.isArray(content) ? content : [];
  return parts
    .flatMap((part) => (isJsonObject(part) && typeof part['text'] === 'string' ? [part['text']] : []))
    .join('\n');
}
