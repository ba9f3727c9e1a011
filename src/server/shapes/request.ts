import { z } from '@hono/zod-openapi';
import type { Brief, ForkRequest, JobRequest } from '../../jobs/index.ts';
import { defined } from './defined.ts';
import { givenMomentShape, jsonShape } from './values.ts';

const fileShape = z.union([
  z.string(),
  z.strictObject({ base64: z.base64().openapi({ description: 'Bytes of a file that is not plain text.' }) }),
]);

/** The most files of one request: far more than a team can read. */
const filesMax = 1_000;

const labelsShape = z.record(z.string().min(1).max(255), z.string().max(255)).openapi({
  description: 'Your own words, for finding it again. At most 32.',
  example: { customer: 'acme' },
});

const briefFields = {
  text: z.string().optional().openapi({ description: 'What you want, in your own words.' }),
  files: z
    .record(z.string().min(1), fileShape)
    .refine((files) => Object.keys(files).length <= filesMax, `has more than ${filesMax} files`)
    .optional()
    .openapi({
      description: 'Files by the name agents know them under: text, or bytes in base64.',
      example: { 'source.md': '# Our launch\n\nWe ship on Monday.' },
    }),
  params: z
    .record(z.string(), jsonShape)
    .optional()
    .openapi({
      description: 'Parameters of the team.',
      example: { platforms: ['x', 'linkedin'] },
    }),
};

/** What is asked of a team, and on what terms. */
export const jobRequestShape = z
  .strictObject({
    team: z.string().min(1).max(255),
    ...briefFields,
    priority: z
      .int()
      .min(-100)
      .max(100)
      .optional()
      .openapi({ description: 'Higher goes first. Default: 0.' }),
    notBefore: givenMomentShape.optional().openapi({ description: 'It is not begun before.' }),
    deadlineAt: givenMomentShape
      .optional()
      .openapi({ description: 'It ends as `expired` when it has not ended by then.' }),
    labels: labelsShape.optional(),
    model: z.string().max(255).optional().openapi({ description: 'One model for all agents.' }),
  })
  .openapi('JobRequest', {
    example: {
      team: 'launch-kit',
      text: 'Announce our launch.',
      files: { 'source.md': '# Our launch\n\nWe ship on Monday.' },
      params: { platforms: ['x', 'linkedin'] },
    },
  });

/** A request over the wire. */
export type JobRequestOnWire = z.infer<typeof jobRequestShape>;

/** What a fork does otherwise than the job it is made from. */
export const forkRequestShape = z
  .strictObject({
    step: z.string().min(1).max(2_000).openapi({ description: 'Key of the first step that is done anew.' }),
    model: z.string().max(255).optional().openapi({ description: 'One model for all agents.' }),
    prompts: z
      .record(z.string(), z.string())
      .optional()
      .openapi({ description: 'Agent → its prompt instead.' }),
    skills: z.record(z.string(), z.string()).optional().openapi({ description: 'Skill → its text instead.' }),
    brief: z
      .strictObject(briefFields)
      .optional()
      .openapi({ description: 'Another brief; the old files are kept where it brings none.' }),
    labels: labelsShape.optional(),
  })
  .openapi('ForkRequest', { example: { step: 'job', model: 'anthropic/claude-sonnet-5' } });

/** Reads a request as the desk takes it. */
export function jobRequestOf(wire: JobRequestOnWire, idempotencyKey?: string): JobRequest {
  const { team, priority, notBefore, deadlineAt, labels, model } = wire;
  return {
    team,
    ...briefOf(wire),
    ...defined({ priority, labels, model, idempotencyKey }),
    ...defined({ notBeforeMs: msOf(notBefore), deadlineAtMs: msOf(deadlineAt) }),
  };
}

/** Reads what a fork does otherwise as the desk takes it. */
export function forkRequestOf(wire: z.infer<typeof forkRequestShape>): ForkRequest {
  const { step, model, prompts, skills, brief, labels } = wire;
  const patch = defined({ model, prompts, skills });
  return {
    step,
    ...(Object.keys(patch).length === 0 ? {} : { patch }),
    ...(brief === undefined ? {} : { brief: briefOf(brief) }),
    ...defined({ labels }),
  };
}

function briefOf({ text, files, params }: Pick<JobRequestOnWire, keyof typeof briefFields>): Brief {
  const read = Object.entries(files ?? {}).map(([name, content]) => [
    name,
    typeof content === 'string' ? content : new Uint8Array(Buffer.from(content.base64, 'base64')),
  ]);
  return defined({ text, params, files: files === undefined ? undefined : Object.fromEntries(read) });
}

function msOf(moment: string | undefined): number | undefined {
  return moment === undefined ? undefined : Date.parse(moment);
}
