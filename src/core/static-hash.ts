import { hashJson } from './hash.ts';
import type { ModelRequest } from './model.ts';

/**
 * Names what stands before the messages of a request: tools, system texts and output schema.
 * Of a tool only what a model is shown, so that one that can also run is the same; block ids and cache marks are no content.
 */
export function staticHash({
  tools,
  system,
  output,
}: Pick<ModelRequest, 'tools' | 'system' | 'output'>): string {
  const shown = tools.map(({ name, purpose, inputSchema }) => ({ name, purpose, inputSchema }));
  return hashJson({ tools: shown, system: system.map(({ text }) => text), output });
}
