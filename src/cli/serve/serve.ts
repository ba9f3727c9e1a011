import type { Inspan, Service } from '../../inspan.ts';
import type { Team } from '../../team/index.ts';
import type { Arguments, CommandSpec } from '../arguments.ts';
import { exitCodes, type Interrupt, type Io } from '../io.ts';
import { portUsual } from '../jobs/server-client.ts';
import { oneLine } from '../show/wording.ts';
import { bannerLines, type Served } from './banner.ts';
import {
  inspanFor,
  loadTeams,
  numberOf,
  type ServiceSettings,
  serviceOptions,
  settingsOf,
} from './service-options.ts';
import { makeFolderFor } from './storage.ts';

/** How `inspan serve` is called. */
export const serveSpec: CommandSpec = Object.freeze({
  name: 'serve',
  purpose: 'Takes jobs over HTTP, runs them, and never loses one.',
  words: [{ name: 'team', required: false, repeats: true, purpose: 'the folder of a team' }],
  options: {
    host: { value: '<name>', purpose: 'Where it listens. Default: 127.0.0.1. Elsewhere it needs API keys.' },
    port: { value: '<number>', purpose: `Default: ${portUsual}; 0 for any.` },
    'no-worker': { value: null, purpose: 'Only takes jobs; inspan worker runs them.' },
    ...serviceOptions,
    json: { value: null, purpose: 'Says where it listens as one line of JSON.' },
  },
  examples: [
    'inspan serve examples/launch-kit',
    'inspan serve kit-a kit-b --database postgres://inspan@db/inspan --redis redis://cache:6379 --no-worker',
  ],
  notes: [
    'Without a team it serves the current folder. Jobs survive whatever happens to this process.',
    'Ctrl-C or SIGTERM drains it: running jobs have 30 s to finish, and are handed over then. A second one ends at once.',
  ],
});

/** Serves teams until it is told to stop. */
export async function serve(given: Arguments, io: Io): Promise<number> {
  const settings = settingsOf(given, io);
  const host = given.values['host']?.[0] ?? '127.0.0.1';
  const port = numberOf(given, 'port', { usual: portUsual, min: 0, max: 65_535 });
  return await withService({ settings, typed: given.words }, io, async ({ service, teams, interrupt }) => {
    const server = await service.serve({ host, port });
    const works = !given.flags.has('no-worker');
    const worker = works ? service.work(workOptions(settings)) : null;
    const served: Served = {
      url: server.url,
      isOpen: server.isOpen,
      teams,
      storage: settings.storage.name,
      redis: settings.redis !== null,
      concurrency: works ? settings.concurrency : null,
    };
    sayServed(served, given, io);
    await fired(interrupt.signal);
    sayDraining(io);
    await Promise.all([worker?.drain(), server.close()]);
  });
}

/** The options of a worker, as the service takes them. */
export function workOptions({ concurrency, tenantJobs }: ServiceSettings): Parameters<Service['work']>[0] {
  return { concurrency, ...(tenantJobs === null ? {} : { tenantJobs }) };
}

/** What a command that runs until it is told to stop works with. */
export interface Serving {
  readonly service: Service;
  readonly inspan: Inspan;
  readonly teams: readonly Team[];
  readonly interrupt: Interrupt;
}

interface Wanted {
  readonly settings: ServiceSettings;
  /** Folders of teams. */
  readonly typed: readonly string[];
}

/** Opens a service for as long as `run` takes. Closes all of it, whatever happens. */
export async function withService(
  { settings, typed }: Wanted,
  io: Io,
  run: (serving: Serving) => Promise<void>,
): Promise<number> {
  const inspan = await inspanFor(settings, io);
  try {
    const teams = await loadTeams(typed, inspan, io);
    await makeFolderFor(settings.storage);
    const { redis, changedTools, privateWebhooks, storage } = settings;
    const service = await inspan.openService({
      database: storage.database,
      ...(redis === null ? {} : { redis }),
      teams,
      changedTools,
      privateWebhooks,
      report: (line) => io.complain(`inspan: ${oneLine(line)}\n`),
    });
    const interrupt = io.listenForInterrupt();
    try {
      await run({ service, inspan, teams, interrupt });
    } finally {
      await service.close();
      interrupt.release();
    }
    return exitCodes.done;
  } finally {
    await inspan.close();
  }
}

function sayServed(served: Served, { flags }: Arguments, io: Io): void {
  const { url, isOpen, teams, storage, concurrency } = served;
  const facts = { url, isOpen, teams: teams.map(({ name }) => name), storage, concurrency };
  io.print(flags.has('json') ? `${JSON.stringify(facts)}\n` : `${bannerLines(served).join('\n')}\n`);
}

/** Says why it takes a while until the process is gone. */
export function sayDraining(io: Io): void {
  io.complain(
    'inspan: running jobs have 30 s to finish, and are handed over then. Once more ends at once.\n',
  );
}

/** Resolves when a signal fires. */
export function fired(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
