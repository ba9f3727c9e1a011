import { hashBytes, hashJson, isDeeperThan, jsonLevelsMax } from '../../core/index.ts';
import type { JobRequest } from '../desk.ts';

/**
 * Names what a request asks for. The same key with the same body is the same job.
 * Files count by their content, whether they came as text or bytes. Null where the parameters are no JSON data: no job
 * was ever accepted with those.
 */
export function requestHash({ files = {}, ...rest }: JobRequest): string | null {
  // Parameters are a level of their own.
  if (isDeeperThan(rest, jsonLevelsMax + 2)) return null;
  const contents = Object.entries(files).map(([name, content]) => [name, hashBytes(content)] as const);
  try {
    return hashJson({ ...rest, idempotencyKey: undefined, files: Object.fromEntries(contents) });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return null;
  }
}
