import { isJsonObject, type Json } from '../../core/index.ts';
import type { OpenedStream } from '../wire/provider-call.ts';
import { createEventReader, type ServerSentEvent } from '../wire/server-sent-events.ts';
import { parsedArguments } from '../wire/tool-arguments.ts';

/** What some streams end with before they end. */
export const streamEnd = '[DONE]';

/**
 * Reads an answer as the JSON documents that each piece of the network brought; a whole body is one.
 * The SDK's own reader costs more than all else of a turn, and hangs up on streams that end with `[DONE]`.
 * Rejects with the provider's error where one comes instead; what was said before it counts.
 */
export function openedAnswer<Document>(response: Response): OpenedStream<readonly Document[]> {
  const { headers } = response;
  // Some servers answer whole though they were asked to stream.
  const isWhole = headers.get('content-type')?.includes('json') === true;
  const chunks = isWhole ? wholeDocument(response) : streamedDocuments(response);
  return {
    chunks: chunks as AsyncIterable<readonly Document[]>,
    headers,
    requestId: headers.get('x-request-id'),
  };
}

async function* wholeDocument(response: Response): AsyncGenerator<readonly Json[]> {
  const { documents, error } = documentsIn([{ type: 'message', data: await response.text() }]);
  if (error !== null) throw refusedAnswer(error, response.headers);
  yield documents;
}

async function* streamedDocuments({ body, headers }: Response): AsyncGenerator<readonly Json[]> {
  if (body === null) return;
  const read = createEventReader();
  for await (const bytes of body) {
    const { documents, error } = documentsIn(read(bytes));
    if (documents.length > 0) yield documents;
    if (error !== null) throw refusedAnswer(error, headers);
  }
}

function documentsIn(events: readonly ServerSentEvent[]): {
  readonly documents: readonly Json[];
  readonly error: Json;
} {
  const documents: Json[] = [];
  for (const { type, data } of events) {
    if (data === '') continue;
    const document = data === streamEnd ? data : parsedArguments(data);
    const error =
      document === data && data !== streamEnd ? 'it sent what is no JSON' : errorIn(document, type);
    if (error !== null) return { documents, error };
    documents.push(document);
  }
  return { documents, error: null };
}

/** Errors come under their own event name, or as a member beside or instead of what was asked for. */
function errorIn(document: Json, type: string): Json {
  // A response that failed is an answer: it says what it used.
  if (!isJsonObject(document) || document['object'] === 'response') return null;
  const error = document['error'] ?? '';
  if (error !== '') return error;
  return type === 'error' ? document : null;
}

/** An error after the 200 is thrown as the SDK throws those that come instead of it. */
function refusedAnswer(error: Json, headers: Headers): Error {
  return Object.assign(new Error('The answer was an error'), { error, headers });
}
