import type { OpenWire } from '../server/wire.ts';
import { catalogEndpoints } from './catalog.ts';
import { chatEndpoint } from './chat.ts';
import { embedEndpoint } from './embed.ts';

/** Speaks Ollama's own API. What it has of OpenAI's is answered by that wire. */
export const ollamaWire: OpenWire = (simulation) => [
  chatEndpoint(simulation),
  embedEndpoint(simulation),
  ...catalogEndpoints(simulation),
];
