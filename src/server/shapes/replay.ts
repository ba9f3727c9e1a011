import { z } from '@hono/zod-openapi';

/** What a replay found. */
export const replayShape = z
  .object({
    job: z.string(),
    digest: z.string().openapi({ description: 'The definition that it was replayed on.' }),
    steps: z.int(),
    differences: z.array(z.string()).openapi({ description: 'One line each; none: it came out the same.' }),
  })
  .openapi('Replay');

/** What a replay found, over the wire. */
export type ReplayOnWire = z.infer<typeof replayShape>;
