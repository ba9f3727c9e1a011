import type { Tool } from '../core/index.ts';
import { editFileTool } from './edit-file.ts';
import { listFilesTool } from './list-files.ts';
import { readFileTool } from './read-file.ts';
import { searchFilesTool } from './search-files.ts';
import { writeFileTool } from './write-file.ts';

/** Makes the tools for files, always in the same order and with the same words. */
export function fileTools(): readonly Tool[] {
  return [listFilesTool(), readFileTool(), writeFileTool(), editFileTool(), searchFilesTool()];
}
