import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const readyMs = 20_000;
const askAgainMs = 20;
const tries = 20;

/** A real server that was started for tests. */
export interface Service {
  readonly url: string;
  /** Stops it and removes what it kept. */
  stop(): Promise<void>;
  /** Stops it in good order, if it runs, and starts it again with what it has kept, at the same address. */
  restart(): Promise<void>;
  /** Ends it at once, as a crash would. `restart` brings it back. */
  kill(): Promise<void>;
}

/** A program to run, and how to see that it is ready. */
export interface ServerSpec {
  readonly command: readonly [program: string, ...words: string[]];
  /** Removed when the server is stopped for good, or when this process dies. */
  readonly folder: string;
  /** Whom to be: Postgres refuses to run as root. */
  readonly user?: { readonly uid: number; readonly gid: number };
  isReady(): Promise<boolean>;
}

interface Running {
  readonly keeper: ChildProcess;
  readonly processId: number;
  readonly ended: Promise<void>;
  output(): string;
}

/**
 * Keeps a server as long as its standard input is open: it ends with us, however we end. Its own group, so that Ctrl-C
 * reaches us alone. What comes on the input says whether the folder is still needed.
 */
const keeper =
  'folder=$1; shift; "$@" >&2 & child=$!; echo $child; word=$(cat); kill -INT $child 2>/dev/null; wait $child; ' +
  '[ "$word" = keep ] || rm -rf "$folder"';

/** Starts a server and waits until it answers. */
export async function startServer(spec: ServerSpec): Promise<Omit<Service, 'url'>> {
  let running: Running | null = await start(spec);
  const end = async (word: 'keep' | 'remove'): Promise<void> => {
    if (running === null) return;
    running.keeper.stdin?.end(word);
    await running.ended;
    running = null;
  };
  return {
    stop: () => end('remove'),
    async restart() {
      await end('keep');
      running = await start(spec);
    },
    async kill() {
      if (running === null) return;
      process.kill(running.processId, 'SIGKILL');
      await end('keep');
    },
  };
}

/** A port of loopback that nobody listens on now. */
export async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('There is no free port.');
  return address.port;
}

/** After a crash, the rest of a server may still hold what its successor needs: then it is tried again. */
async function start(spec: ServerSpec): Promise<Running> {
  for (let left = tries; ; left--) {
    const running = await launch(spec);
    if (await becomesReady(running, spec)) return running;
    running.keeper.stdin?.end('keep');
    await running.ended;
    if (left === 1) throw new Error(`${spec.command[0]} does not start:\n${running.output()}`);
    await sleep(10 * askAgainMs);
  }
}

async function launch({ command, folder, user }: ServerSpec): Promise<Running> {
  const child = spawn('sh', ['-c', keeper, 'keeper', folder, ...command], {
    cwd: folder,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    ...user,
  });
  let output = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output = `${output}${text}`.slice(-4000);
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const processId = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.stdout.setEncoding('utf8').once('data', (text: string) => resolve(Number(text)));
  });
  return { keeper: child, processId, ended, output: () => output };
}

async function becomesReady({ processId }: Running, { isReady }: ServerSpec): Promise<boolean> {
  for (const endAt = performance.now() + readyMs; performance.now() < endAt; ) {
    if (await isReady()) return true;
    if (!isAlive(processId)) return false;
    await sleep(askAgainMs);
  }
  return false;
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch {
    return false;
  }
}
