import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The oldest Postgres that Inspan works with. */
const postgresMin = 15;

/** Folders of Postgres's programs by major version, where packagers put them: Debian, Homebrew. */
const postgresHomes = ['/usr/lib/postgresql', '/opt/homebrew/opt', '/usr/local/opt'];

/** How what is missing gets onto Debian and its kin, without starting it there. */
export const installLine =
  'apt-get install -y --no-install-recommends postgresql redis-server && service postgresql stop; service redis-server stop';

/** Where the servers' programs are; null where a machine has none. */
export interface Programs {
  /** The folder with `initdb` and `postgres`. */
  readonly postgres: string | null;
  /** The path of `redis-server`. */
  readonly redis: string | null;
}

/** Looks for the programs of the servers that cluster tests need. */
export function findPrograms(): Programs {
  return { postgres: findPostgres(), redis: findRedis() };
}

/** One line for each program that is missing. */
export function tellMissing({ postgres, redis }: Programs): readonly string[] {
  return [
    ...(postgres === null ? [`Postgres ${postgresMin} or newer (initdb, postgres)`] : []),
    ...(redis === null ? ['Redis (redis-server)'] : []),
  ];
}

function findPostgres(): string | null {
  const found = postgresHomes
    .filter((home) => existsSync(home))
    .flatMap((home) => readdirSync(home).map((name) => ({ home, name })))
    .map(({ home, name }) => ({
      folder: join(home, name, 'bin'),
      major: Number(name.replace('postgresql@', '')),
    }))
    .filter(({ folder, major }) => major >= postgresMin && existsSync(join(folder, 'initdb')))
    .sort((a, b) => b.major - a.major);
  return found[0]?.folder ?? folderOnPath('initdb');
}

function findRedis(): string | null {
  const folder = folderOnPath('redis-server');
  return folder === null ? null : join(folder, 'redis-server');
}

function folderOnPath(program: string): string | null {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.find((folder) => existsSync(join(folder, program))) ?? null;
}
