#!/usr/bin/env node
import { runCommandLine } from './commands.ts';
import { exitCodes } from './io.ts';
import { isNodeTooOld, nodeNeeded } from './node-version.ts';
import { createProcessIo, endProcess } from './process-io.ts';

const io = createProcessIo();
await begin().then(endProcess, (error: unknown) => {
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  io.complain(
    `inspan: this should never happen; it is a mistake in Inspan or in a tool of the team.\n${detail}\n`,
  );
  return endProcess(exitCodes.failed);
});

async function begin(): Promise<number> {
  if (!isNodeTooOld(process.versions.node)) return await runCommandLine(process.argv.slice(2), io);
  io.complain(
    `inspan: this is Node ${process.versions.node}, Inspan needs ${nodeNeeded} or newer. In a clone, npm run and npx bring it.\n`,
  );
  return exitCodes.wrongInput;
}
