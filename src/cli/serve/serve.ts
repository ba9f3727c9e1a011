import { join } from 'node:path';
import { failure, InspanError } from '../../core/index.ts';
import { keepHeapSmall } from '../../heap.ts';
import type { Inspan, Service } from '../../inspan.ts';
import type { Team } from '../../team/index.ts';
import type { Arguments, CommandSpec } from '../arguments.ts';
import { exitCodes, type Interrupt, type Io } from '../io.ts';
import { portUsual } from '../jobs/server-client.ts';
import { kindOf } from '../paths.ts';
import { oneLine } from '../show/wording.ts';
import { bannerLines, readmeName, type Served } from './banner.ts';
import {
  inspanFor,
  loadTeams,
  numberOf,
  type ServiceSettings,
  serviceOptions,
  settingsOf,
} from './service-options.ts';
import { inNames, makeFolderFor } from './storage.ts';

/** How `inspan serve` is called. */
export const serveSpec: CommandSpec = Object.freeze({
  name: 'serve',
  purpose: 'Takes jobs over HTTP, runs them, and never loses one.',
  words: [{ name: 'team', required: false, repeats: true, purpose: 'the folder of a team' }],
  options: {
    host: { value: '<name>', purpose: 'Where it listens. Default: 127.0.0.1. Elsewhere it needs API keys.' },
    port: { value: '<number>', purpose: `Default: ${portUsual}; 0 for any.` },
    'open-metrics': {
      value: null,
      purpose: '/metrics asks for no key, and counts the jobs of all tenants.',
    },
    'allow-origin': {
      value: '<origin>',
      repeats: true,
      purpose: 'Pages of this origin may call it, such as https://app.example.org.',
    },
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
  const allowedOrigins = originsOf(given);
  return await withService({ settings, typed: given.words }, io, async ({ service, teams, interrupt }) => {
    const hasOpenMetrics = given.flags.has('open-metrics');
    const server = await service.serve({ host, port, hasOpenMetrics, allowedOrigins });
    const works = !given.flags.has('no-worker');
    const worker = works ? service.work(workOptions(settings)) : null;
    const served: Served = {
      url: server.url,
      isOpen: server.isOpen,
      teams,
      storage: settings.storage,
      hasReadme: (await kindOf(join(io.directory, readmeName))) === 'file',
      redis: settings.redis !== null,
      concurrency: works ? settings.concurrency : null,
    };
    sayServed(served, given, io);
    await fired(interrupt.signal);
    sayDraining(io, works);
    server.drain();
    await worker?.drain();
    await server.close();
  });
}

/** The options of a worker, as the service takes them. */
export function workOptions({
  concurrency,
  tenantJobs,
  leaseMs,
}: ServiceSettings): Parameters<Service['work']>[0] {
  return { concurrency, leaseMs, ...(tenantJobs === null ? {} : { tenantJobs }) };
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
  keepHeapSmall();
  const inspan = await inspanFor(settings, io);
  try {
    const teams = await loadTeams(typed, inspan, io);
    await makeFolderFor(settings.storage);
    const { redis, changedTools, privateWebhooks, storage } = settings;
    const options = {
      database: storage.database,
      ...(redis === null ? {} : { redis }),
      teams,
      changedTools,
      privateWebhooks,
      report: (line: string) => io.complain(`inspan: ${oneLine(line)}\n`),
    };
    const service = await inNames(io, () => inspan.openService(options));
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
  const facts = { url, isOpen, teams: teams.map(({ name }) => name), storage: storage.name, concurrency };
  io.print(flags.has('json') ? `${JSON.stringify(facts)}\n` : `${bannerLines(served).join('\n')}\n`);
}

/** Says why it takes a while until the process is gone. */
export function sayDraining(io: Io, works: boolean): void {
  const waits = works
    ? 'running jobs have 30 s to finish, and are handed over then.'
    : 'requests under way are answered.';
  io.complain(`inspan: ${waits} Once more ends at once.\n`);
}

/** An origin is what browsers send of it: scheme, host and port, nothing behind. */
function originsOf({ values }: Arguments): readonly string[] {
  const typed = values['allow-origin'] ?? [];
  const wrong = typed.filter(
    (each) => !/^https?:/.test(each) || !URL.canParse(each) || new URL(each).origin !== each,
  );
  if (wrong.length === 0) return typed;
  throw new InspanError(
    wrong.map((each) =>
      failure(
        'wrong-input',
        `--allow-origin is ${each}: write https://host or https://host:port, and no more.`,
      ),
    ),
  );
}

/** Resolves when a signal fires. */
export function fired(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
