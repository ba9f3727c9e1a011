import { InspanError } from '../../core/index.ts';
import { type Price, readPrices } from '../../models/index.ts';
import type { Io } from '../io.ts';
import { readYamlFile } from '../read-yaml-file.ts';

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
  const read = readPrices(await readYamlFile(file, 'INSPAN_PRICES', { directory }), { file, today });
  if (!read.ok) throw new InspanError(read.failures);
  return read.prices;
}
