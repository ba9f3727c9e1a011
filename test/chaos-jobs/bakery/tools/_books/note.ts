import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ToolCall } from '../../../../../src/inspan.ts';

/** Long enough that a process is now and then killed between an effect and its record. */
const workMs = 40;

/** Does something in the world outside: a line that nothing takes back says so. */
export async function note(book: string, file: string, call: ToolCall): Promise<string> {
  const folder = process.env['BAKERY_BOOKS'];
  if (folder === undefined) throw new Error('BAKERY_BOOKS names no folder.');
  const read = await call.workspace.read(file);
  if (!read.ok) throw new Error(read.failure.message);
  const order = /Order (\d+)/.exec(new TextDecoder().decode(read.value.bytes))?.[1];
  if (order === undefined) throw new Error(`${file} names no order.`);
  appendFileSync(join(folder, book), `${order} ${call.idempotencyKey}\n`);
  await sleep(workMs);
  return order;
}
