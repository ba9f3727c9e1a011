import type { Json } from '../../../core/index.ts';
import type { Answer, Frame } from '../../server/wire.ts';
import { type Draft, framesOf, streamPieces } from '../answer-text.ts';
import { overloaded } from '../problem.ts';
import {
  type CallItem,
  type ContentPart,
  isCut,
  type MessageItem,
  type OutputItem,
  type ReasoningItem,
  textPart,
} from './responses-items.ts';
import { type ResponseFacts, responseObject } from './responses-write.ts';

/** A stream of a response, and what ends it when the provider breaks down. */
export interface ResponseStream {
  readonly frames: readonly Frame[];
  readonly overloadedFrame: Frame;
}

/** An event before it has its number. */
interface Event {
  readonly type: string;
  readonly fields: { readonly [name: string]: unknown };
  readonly carries: Draft['carries'];
}

/** Writes a response as events, in the vendor's order (OpenAI, "Streaming events"). */
export function responseStream(
  facts: ResponseFacts,
  output: readonly OutputItem[],
  answer: Answer,
): ResponseStream {
  const status = isEndedEarly(answer, facts) ? 'incomplete' : 'completed';
  const begun = responseObject(facts, { status: 'in_progress' });
  const ended = responseObject(facts, { status, output, usage: answer.usage });
  const events: readonly Event[] = [
    framing('response.created', { response: begun }),
    framing('response.in_progress', { response: begun }),
    ...output.flatMap(itemEvents),
    { type: `response.${status}`, fields: { response: ended }, carries: 'usage' },
  ];
  const drafts = events.map((event, number) => ({
    text: eventText(event, number),
    carries: event.carries,
  }));
  return { frames: framesOf(drafts, answer), overloadedFrame: brokenFrame(facts, events.length) };
}

/** Says whether an answer is told as incomplete; one that only warms the cache is all it should be. */
export function isEndedEarly(answer: Answer, { body }: ResponseFacts): boolean {
  return isCut(answer) && body.prompt_cache_options?.prewarm !== true;
}

function eventText({ type, fields }: Pick<Event, 'type' | 'fields'>, number: number): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: number, ...fields })}\n\n`;
}

function framing(type: string, fields: Event['fields']): Event {
  return { type, fields, carries: 'framing' };
}

function itemEvents(item: OutputItem, outputIndex: number): readonly Event[] {
  const at = { item_id: item.id, output_index: outputIndex };
  return [
    framing('response.output_item.added', { output_index: outputIndex, item: emptied(item) }),
    ...innerEvents(item, at),
    framing('response.output_item.done', { output_index: outputIndex, item }),
  ];
}

/** An item as it is added: nothing of it has been told yet. */
function emptied(item: OutputItem): OutputItem {
  switch (item.type) {
    case 'reasoning':
      return { ...item, summary: [] };
    case 'message':
      return { ...item, status: 'in_progress', content: [] };
    case 'function_call':
      return { ...item, status: 'in_progress', arguments: '' };
  }
}

type Place = Event['fields'];

function innerEvents(item: OutputItem, at: Place): readonly Event[] {
  switch (item.type) {
    case 'reasoning':
      return summaryEvents(item, at);
    case 'message':
      return contentEvents(item, at);
    case 'function_call':
      return argumentEvents(item, at);
  }
}

function summaryEvents({ summary }: ReasoningItem, at: Place): readonly Event[] {
  return summary.flatMap(({ text }, index) => {
    const here = { ...at, summary_index: index };
    const part = (said: string): Json => ({ type: 'summary_text', text: said });
    return [
      framing('response.reasoning_summary_part.added', { ...here, part: part('') }),
      ...streamPieces(text).map((delta) =>
        framing('response.reasoning_summary_text.delta', { ...here, delta }),
      ),
      framing('response.reasoning_summary_text.done', { ...here, text }),
      framing('response.reasoning_summary_part.done', { ...here, part: part(text) }),
    ];
  });
}

function contentEvents({ content }: MessageItem, at: Place): readonly Event[] {
  return content.flatMap((part, index) => {
    const here = { ...at, content_index: index };
    const empty = part.type === 'refusal' ? { ...part, refusal: '' } : textPart('');
    return [
      framing('response.content_part.added', { ...here, part: empty }),
      ...partEvents(part, here),
      framing('response.content_part.done', { ...here, part }),
    ];
  });
}

function partEvents(part: ContentPart, here: Place): readonly Event[] {
  if (part.type === 'refusal') {
    return [
      ...deltas('response.refusal.delta', part.refusal, here),
      framing('response.refusal.done', { ...here, refusal: part.refusal }),
    ];
  }
  return [
    ...deltas('response.output_text.delta', part.text, { ...here, logprobs: [] }),
    framing('response.output_text.done', { ...here, text: part.text, logprobs: [] }),
  ];
}

function argumentEvents(item: CallItem, at: Place): readonly Event[] {
  return [
    ...deltas('response.function_call_arguments.delta', item.arguments, at),
    framing('response.function_call_arguments.done', { ...at, arguments: item.arguments }),
  ];
}

function deltas(type: string, text: string, here: Place): readonly Event[] {
  return streamPieces(text).map((delta) => ({ type, fields: { ...here, delta }, carries: 'output' }));
}

/** The number is past all others: where the stream breaks off is not known beforehand. */
function brokenFrame(facts: ResponseFacts, number: number): Frame {
  const { code, message } = overloaded;
  const error = { code: code ?? 'server_error', message };
  const failed = responseObject(facts, { status: 'failed', code: 'server_error', message });
  const text = [
    eventText({ type: 'error', fields: { ...error, param: null } }, number),
    eventText({ type: 'response.failed', fields: { response: failed } }, number + 1),
  ].join('');
  return { text, tokens: 0 };
}
