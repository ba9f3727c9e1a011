import { z } from '@hono/zod-openapi';
import type { FileInfo } from '../../core/index.ts';
import { jobPath } from './job.ts';

/** A file of a job, without its content. */
export const fileInfoShape = z
  .object({
    path: z.string(),
    hash: z.string().openapi({ description: 'SHA-256 of its bytes, hex.' }),
    bytesSize: z.int(),
    version: z.int().openapi({ description: 'Counts the writes of this path from 1.' }),
    link: z.string().openapi({ description: 'Where its bytes are.' }),
  })
  .openapi('File');

/** A file over the wire. */
export type FileOnWire = z.infer<typeof fileInfoShape>;

/** Writes a file of a job as an answer has it. */
export function fileOnWire(job: string, { path, hash, bytesSize, version }: FileInfo): FileOnWire {
  const link = `${jobPath(job)}/files/${path.split('/').map(encodeURIComponent).join('/')}`;
  return { path, hash, bytesSize, version, link };
}
