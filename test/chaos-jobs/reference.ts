import { createInspan } from '../../src/inspan.ts';
import { model } from './bill.ts';
import { bakery, type House } from './house.ts';
import { orderFile, orderName } from './orders.ts';

/** Runs order 0000 undisturbed, without any store, and gives what was written: path → text. */
export async function runReference({ simulator, folder }: House): Promise<Readonly<Record<string, string>>> {
  process.env['BAKERY_BOOKS'] = folder;
  const inspan = createInspan({ environment: simulator.environment, model });
  try {
    const team = await inspan.loadTeam(bakery);
    const order = orderName(0);
    const job = await inspan.start(team, { brief: `Do order ${order}.`, files: orderFile(order) });
    const { outcome, failure, files } = await job.outcome();
    if (outcome !== 'done') throw new Error(`The undisturbed run failed: ${failure?.message}`);
    return files;
  } finally {
    await inspan.close();
    delete process.env['BAKERY_BOOKS'];
  }
}
