import type { OpenWire } from '../server/wire.ts';
import { chatEndpoint } from './chat/chat.ts';
import { embeddingsEndpoint } from './embeddings/embeddings.ts';
import { modelsEndpoints } from './models.ts';
import { responsesEndpoints } from './responses/responses.ts';

/**
 * Speaks OpenAI's API: Chat Completions, Responses, embeddings and models.
 * Its bodies, errors and streams are the vendor's, so that the official client needs no change.
 */
export const openaiWire: OpenWire = (simulation) => [
  chatEndpoint(simulation),
  ...responsesEndpoints(simulation),
  embeddingsEndpoint(simulation),
  ...modelsEndpoints(simulation),
];
