import type { Anthropic } from '@anthropic-ai/sdk';
import { isJsonObject, type Json } from '../../core/index.ts';
import type { OpenedStream } from '../wire/provider-call.ts';
import { createEventReader, type ServerSentEvent } from '../wire/server-sent-events.ts';
import { parsedArguments } from '../wire/tool-arguments.ts';

/** What one piece of the network brought. */
export type AnthropicEvents = readonly Anthropic.RawMessageStreamEvent[];

/** Reads an answer, streamed or whole, as the events of a stream: one way to read for both. */
export function openedAnswer(response: Response): OpenedStream<AnthropicEvents> {
  const { headers } = response;
  // Some compatible servers answer whole though they were asked to stream.
  const isWhole = headers.get('content-type')?.includes('json') === true;
  return {
    chunks: isWhole ? wholeAnswer(response) : streamedAnswer(response),
    headers,
    requestId: headers.get('request-id'),
  };
}

async function* streamedAnswer({ body, headers }: Response): AsyncGenerator<AnthropicEvents> {
  if (body === null) return;
  const read = createEventReader();
  for await (const bytes of body) {
    const { events, error } = parsedEvents(read(bytes));
    if (events.length > 0) yield events;
    if (error !== null) throw refusedAnswer(error, headers);
  }
}

/** The events up to the first that is an error: what was said before it counts. */
function parsedEvents(said: readonly ServerSentEvent[]): {
  readonly events: AnthropicEvents;
  readonly error: Json;
} {
  const events: Anthropic.RawMessageStreamEvent[] = [];
  for (const { type, data } of said) {
    if (type === 'ping' || data === '') continue;
    const parsed = parsedArguments(data);
    if (type === 'error' || !isJsonObject(parsed)) return { events, error: parsed ?? data };
    events.push(parsed as unknown as Anthropic.RawMessageStreamEvent);
  }
  return { events, error: null };
}

async function* wholeAnswer(response: Response): AsyncGenerator<AnthropicEvents> {
  const answer = (await response.json()) as Anthropic.Message | Anthropic.ErrorResponse;
  if (answer.type === 'error' || !Array.isArray(answer.content))
    throw refusedAnswer(answer, response.headers);
  yield eventsOf(answer);
}

/** An error comes as content when the answer has begun: it is thrown as the SDK throws those that come before. */
function refusedAnswer(error: unknown, headers: Headers): Error {
  return Object.assign(new Error('The answer was an error'), { error, headers });
}

function eventsOf(message: Anthropic.Message): AnthropicEvents {
  const { content, container, stop_details, stop_reason, stop_sequence } = message;
  return [
    { type: 'message_start', message },
    ...content.map((content_block, index) => ({
      type: 'content_block_start' as const,
      index,
      content_block,
    })),
    {
      type: 'message_delta',
      delta: { container, stop_details, stop_reason, stop_sequence },
      // All that was used stands in the message already.
      usage: {} as Anthropic.MessageDeltaUsage,
    },
    { type: 'message_stop' },
  ];
}
