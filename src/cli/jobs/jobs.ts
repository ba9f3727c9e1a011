import type { Command } from '../arguments.ts';
import {
  cancel,
  cancelSpec,
  fork,
  forkSpec,
  replay,
  replaySpec,
  retry,
  retrySpec,
  signal,
  signalSpec,
} from './change.ts';
import { list, listSpec } from './list.ts';
import { asking } from './server-client.ts';
import { show, showSpec } from './show.ts';
import { watchJob, watchSpec } from './watch-job.ts';

/** What can be done with the jobs of a server. */
export const jobsCommands: readonly Command[] = Object.freeze([
  { spec: listSpec, run: asking(list) },
  { spec: showSpec, run: asking(show) },
  { spec: watchSpec, run: asking(watchJob) },
  { spec: cancelSpec, run: asking(cancel) },
  { spec: retrySpec, run: asking(retry) },
  { spec: forkSpec, run: asking(fork) },
  { spec: signalSpec, run: asking(signal) },
  { spec: replaySpec, run: asking(replay) },
]);
