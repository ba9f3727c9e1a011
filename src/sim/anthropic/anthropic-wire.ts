import type { OpenWire } from '../server/wire.ts';
import { type BatchSettings, batchEndpoints } from './batches.ts';
import { messageEndpoints } from './messages.ts';
import { modelEndpoints } from './models.ts';

/** How long a batch takes unless told otherwise: long enough to be seen in progress, too short to be waited for. */
const batchMsUsual = 2_000;

/** Makes the wire of Anthropic's API: messages, token counts, batches and models. */
export function openAnthropicWire({ batchMs = batchMsUsual }: Partial<BatchSettings> = {}): OpenWire {
  return (simulation) => [
    ...messageEndpoints(simulation),
    ...batchEndpoints(simulation, { batchMs }),
    ...modelEndpoints(simulation),
  ];
}

/** The wire of Anthropic's API. */
export const anthropicWire: OpenWire = openAnthropicWire();
