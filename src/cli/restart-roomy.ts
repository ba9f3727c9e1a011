import { heapFlags } from '../heap.ts';

/** Commands that run for as long as somebody wants something of them. */
const services: readonly string[] = Object.freeze(['serve', 'worker']);

/** The part of a process that it takes. */
export type Restarted = Pick<NodeJS.Process, 'argv' | 'execArgv' | 'execPath' | 'env' | 'execve' | 'send'>;

/**
 * Starts a service's process again, with what Node can be told at its start only. For its terminal, and for whoever
 * sends it signals, it stays the same process; it takes some 30 ms. Where that cannot be, or where somebody has set this
 * himself, the service runs with the room it has.
 */
export function restartRoomy({ argv, execArgv, execPath, env, execve, send }: Restarted): void {
  if (!services.includes(argv[2] ?? '')) return;
  const isTold = [...execArgv, env['NODE_OPTIONS'] ?? ''].some((words) => /semi[-_]space/.test(words));
  // A channel to the process that started it would not survive.
  if (isTold || execve === undefined || send !== undefined) return;
  try {
    execve(execPath, [execPath, ...heapFlags, ...execArgv, ...argv.slice(1)], env);
  } catch {
    // Windows cannot, nor can a process that may start no others.
  }
}
