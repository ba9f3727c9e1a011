import { z } from '@hono/zod-openapi';
import { codeShape } from './values.ts';

/** What every answer that is no success looks like (RFC 9457). */
export const problemShape = z
  .object({
    type: z.string().openapi({ description: '`urn:inspan:problem:` and the code.' }),
    title: z.string().openapi({ description: 'The code in words.' }),
    status: z.int(),
    code: codeShape,
    detail: z.string().openapi({ description: 'What went wrong, and the next step.' }),
    instance: z.string().openapi({ description: 'Id of the request, for whoever operates the server.' }),
    errors: z
      .array(z.object({ code: codeShape, detail: z.string() }))
      .openapi({ description: 'Every mistake of the request.' }),
  })
  .openapi('Problem', {
    example: {
      type: 'urn:inspan:problem:not-found',
      title: 'Not found',
      status: 404,
      code: 'not-found',
      detail: 'There is no job job_unknown. List yours with GET /v1/jobs.',
      instance: 'req_3f9c',
      errors: [{ code: 'not-found', detail: 'There is no job job_unknown. List yours with GET /v1/jobs.' }],
    },
  });

/** A problem over the wire. */
export type ProblemOnWire = z.infer<typeof problemShape>;
