import type { Answer, Simulation } from '../../server/wire.ts';
import { toldOf } from '../answer-text.ts';

/** One item of a response's output. */
export type OutputItem = ReasoningItem | MessageItem | CallItem;

type ItemStatus = 'in_progress' | 'completed' | 'incomplete';

/** What the model thought: sealed, and in summary where one was asked for. */
export interface ReasoningItem {
  readonly [key: string]: unknown;
  readonly id: string;
  readonly type: 'reasoning';
  readonly summary: { readonly type: 'summary_text'; readonly text: string }[];
  /** Kept with every stored response; shown only to who includes it. */
  readonly encrypted_content: string;
}

/** What the model said. */
export interface MessageItem {
  readonly [key: string]: unknown;
  readonly id: string;
  readonly type: 'message';
  readonly status: ItemStatus;
  readonly role: 'assistant';
  readonly content: ContentPart[];
}

/** A text of a message, or a refusal in its place. */
export type ContentPart =
  | {
      readonly [key: string]: unknown;
      readonly type: 'output_text';
      readonly annotations: readonly never[];
      readonly logprobs: readonly never[];
      readonly text: string;
    }
  | { readonly [key: string]: unknown; readonly type: 'refusal'; readonly refusal: string };

/** A call that the model asks for. */
export interface CallItem {
  readonly [key: string]: unknown;
  readonly id: string;
  readonly type: 'function_call';
  readonly status: ItemStatus;
  readonly arguments: string;
  readonly call_id: string;
  readonly name: string;
}

/** Writes an answer as output items: thinking, then what is said, then calls. */
export function outputItems(
  answer: Answer,
  simulation: Simulation,
  { summarises }: { readonly summarises: boolean },
): readonly OutputItem[] {
  const { thinking, text, refusal, calls } = toldOf(answer);
  const items: OutputItem[] = [];
  if (thinking !== '') {
    items.push({
      id: simulation.newId('rs_'),
      type: 'reasoning',
      summary: summarises ? [{ type: 'summary_text', text: thinking }] : [],
      encrypted_content: sealed(thinking),
    });
  }
  if (text !== '' || refusal !== null) {
    const id = simulation.newId('msg_');
    const content = [refusal === null ? textPart(text) : { type: 'refusal' as const, refusal }];
    items.push({ id, type: 'message', status: 'completed', role: 'assistant', content });
  }
  for (const call of calls) {
    items.push({
      id: simulation.newId('fc_'),
      type: 'function_call',
      status: 'completed',
      arguments: call.argumentsText,
      call_id: call.id,
      name: call.name,
    });
  }
  return isCut(answer) ? items.map(cutIfLast) : items;
}

/** Says whether an answer ended before it was complete. */
export function isCut({ reply }: Answer): boolean {
  return reply.stop === 'output-limit' || reply.stop === 'context-full';
}

function cutIfLast(item: OutputItem, index: number, items: readonly OutputItem[]): OutputItem {
  const isLast = index === items.length - 1;
  return isLast && item.type !== 'reasoning' ? { ...item, status: 'incomplete' } : item;
}

/** A text as it stands in a message. */
export function textPart(text: string): ContentPart {
  return { type: 'output_text', annotations: [], logprobs: [], text };
}

/** Leaves sealed thinking out of what is shown, unless it was included. */
export function shownItems(items: readonly OutputItem[], includesSealed: boolean): readonly OutputItem[] {
  if (includesSealed) return items;
  return items.map((item): OutputItem => {
    if (item.type !== 'reasoning') return item;
    const { encrypted_content: _, ...shown } = item;
    return shown as ReasoningItem;
  });
}

const seal = 'sealed.';

/** Seals thinking so that it can go back. It is encoded, not encrypted: a simulator has nothing to hide. */
function sealed(thinking: string): string {
  return `${seal}${Buffer.from(thinking).toString('base64url')}`;
}

/** Opens sealed thinking; null when it was not sealed here. */
export function unsealed(content: string): string | null {
  if (!content.startsWith(seal)) return null;
  const thinking = Buffer.from(content.slice(seal.length), 'base64url').toString();
  return sealed(thinking) === content ? thinking : null;
}
