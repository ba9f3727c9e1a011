import { execFile } from 'node:child_process';
import { chown, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { findPrograms } from './programs.ts';
import { findFreePort, type Service, startServer } from './server.ts';

const runFile = promisify(execFile);

/** Starts a Postgres of its own, empty, on a free port of loopback. */
export async function startPostgres({
  isDurable = false,
}: {
  /** True: waits for the disk at every commit, as in production; false, the default, is quicker. */
  readonly isDurable?: boolean;
} = {}): Promise<Service> {
  const { postgres } = findPrograms();
  if (postgres === null) throw new Error('Postgres is not installed here.');
  const user = await ordinaryUser();
  const folder = await mkdtemp(join(tmpdir(), 'inspan-postgres-'));
  if (user !== undefined) await chown(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  const init = ['-D', data, '-U', 'inspan', '--auth=trust', '--no-sync', '--no-locale', '--encoding=UTF8'];
  await runFile(join(postgres, 'initdb'), init, { cwd: folder, ...user });
  const port = await findFreePort();
  const url = `postgres://inspan@127.0.0.1:${port}/postgres`;
  const settings = [
    'listen_addresses=127.0.0.1',
    `unix_socket_directories=${folder}`,
    'max_connections=200',
    ...(isDurable ? [] : ['fsync=off', 'full_page_writes=off']),
  ];
  const server = await startServer({
    command: [
      join(postgres, 'postgres'),
      '-D',
      data,
      '-p',
      String(port),
      ...settings.flatMap((setting) => ['-c', setting]),
    ],
    folder,
    ...(user === undefined ? {} : { user }),
    isReady: () => answers(url),
  });
  return { url, ...server };
}

/** Postgres refuses to run as root; its packages bring a user for it. */
async function ordinaryUser(): Promise<{ readonly uid: number; readonly gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const ask = async (flag: string): Promise<number> =>
    Number((await runFile('id', [flag, 'postgres'])).stdout.trim());
  return { uid: await ask('-u'), gid: await ask('-g') };
}

async function answers(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 1000 });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('select 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}
