#!/usr/bin/env node
import { runCommandLine } from './commands.ts';
import { exitCodes } from './io.ts';
import { createProcessIo, endProcess } from './process-io.ts';

const io = createProcessIo();
await runCommandLine(process.argv.slice(2), io).then(endProcess, (error: unknown) => {
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  io.complain(
    `inspan: this should never happen; it is a mistake in Inspan or in a tool of the team.\n${detail}\n`,
  );
  return endProcess(exitCodes.failed);
});
