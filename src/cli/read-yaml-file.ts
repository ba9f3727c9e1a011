import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parse, YAMLParseError } from 'yaml';
import { failure, InspanError } from '../core/index.ts';
import type { Io } from './io.ts';
import { systemCode } from './paths.ts';

/**
 * Reads a YAML (or JSON) file that an option or a variable names.
 * `namedBy` is that option, for the message of the `InspanError` where the file cannot be read.
 */
export async function readYamlFile(
  file: string,
  namedBy: string,
  { directory }: Pick<Io, 'directory'>,
): Promise<unknown> {
  const wrong = (why: string): InspanError =>
    new InspanError([failure('wrong-input', `${namedBy} names ${file}, which ${why}.`)]);
  try {
    return parse(await readFile(resolve(directory, file), 'utf8'));
  } catch (error) {
    if (error instanceof YAMLParseError) throw wrong(`is no YAML: ${error.message.split('\n')[0]}`);
    const code = systemCode(error);
    if (code === null) throw error;
    throw wrong(code === 'ENOENT' ? 'is not there' : `cannot be read (${code})`);
  }
}
