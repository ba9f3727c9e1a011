import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parse, YAMLParseError } from 'yaml';
import { failure, InspanError } from '../../core/index.ts';
import { type Price, readPrices } from '../../models/index.ts';
import type { Io } from '../io.ts';
import { systemCode } from '../paths.ts';

/** Prices of one's own, by model id. */
export type OwnPrices = Readonly<Record<string, Price>>;

/**
 * Reads the prices that `INSPAN_PRICES` names, a YAML or JSON file; none when it is not set.
 * Throws `InspanError` with every mistake in it.
 */
export async function ownPrices({
  directory,
  environment,
  clock,
}: Pick<Io, 'directory' | 'environment' | 'clock'>): Promise<OwnPrices> {
  const file = environment['INSPAN_PRICES']?.trim() ?? '';
  if (file === '') return {};
  const today = new Date(clock.now()).toISOString().slice(0, 10);
  const read = readPrices(await dataOf(resolve(directory, file), file), { file, today });
  if (!read.ok) throw new InspanError(read.failures);
  return read.prices;
}

async function dataOf(path: string, file: string): Promise<unknown> {
  try {
    return parse(await readFile(path, 'utf8'));
  } catch (error) {
    if (error instanceof YAMLParseError) throw wrong(file, `is no YAML: ${error.message.split('\n')[0]}`);
    const code = systemCode(error);
    if (code === null) throw error;
    throw wrong(file, code === 'ENOENT' ? 'is not there' : `cannot be read (${code})`);
  }
}

function wrong(file: string, why: string): InspanError {
  return new InspanError([failure('wrong-config', `INSPAN_PRICES names ${file}, which ${why}.`)]);
}
