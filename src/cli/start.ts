import { runCommandLine } from './commands.ts';
import { exitCodes } from './io.ts';
import { isNodeTooOld, nodeNeeded } from './node-version.ts';
import { createProcessIo, type ProcessIo } from './process-io.ts';
import { oneLine } from './show/wording.ts';

/** Runs what was typed, and ends the process with what it answers. */
export async function start(): Promise<never> {
  const typed = process.argv.slice(2);
  const io = createProcessIo(typed);
  return await begin(typed, io).then(io.end, async (error: unknown) => {
    const detail = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    io.complain(`inspan: this is a mistake in Inspan or in a tool of the team: ${oneLine(detail)}\n`);
    return await io.end(exitCodes.failed);
  });
}

async function begin(typed: readonly string[], io: ProcessIo): Promise<number> {
  const { node } = process.versions;
  if (!isNodeTooOld(node)) return await runCommandLine(typed, io);
  io.complain(
    `inspan: this is Node ${node}, Inspan needs ${nodeNeeded} or newer. In a clone, npm run and npx bring it.\n`,
  );
  return exitCodes.wrongInput;
}
