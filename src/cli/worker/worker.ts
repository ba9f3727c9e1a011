import type { Arguments, CommandSpec } from '../arguments.ts';
import type { Io } from '../io.ts';
import { fired, sayDraining, withService, workOptions } from '../serve/serve.ts';
import { serviceOptions, settingsOf } from '../serve/service-options.ts';
import { counted, oneLine } from '../show/wording.ts';

/** How `inspan worker` is called. */
export const workerSpec: CommandSpec = Object.freeze({
  name: 'worker',
  purpose: 'Runs jobs that servers on the same database have taken. Any number of workers may.',
  words: [{ name: 'team', required: false, repeats: true, purpose: 'the folder of a team' }],
  options: {
    ...serviceOptions,
    json: { value: null, purpose: 'Says that it works as one line of JSON.' },
  },
  examples: ['inspan worker examples/launch-kit --database postgres://inspan@db/inspan --concurrency 64'],
  notes: [
    'It needs Postgres: a database file belongs to one process, which is then inspan serve.',
    'Ctrl-C or SIGTERM drains it: running jobs have 30 s to finish, and are handed over then. A second one ends at once.',
  ],
});

/** Runs jobs until it is told to stop. */
export async function worker(given: Arguments, io: Io): Promise<number> {
  const settings = settingsOf(given, io);
  return await withService({ settings, typed: given.words }, io, async ({ service, teams, interrupt }) => {
    const working = service.work(workOptions(settings));
    const names = teams.map(({ name }) => oneLine(name));
    const { storage, concurrency } = settings;
    const line = `This worker runs up to ${counted(concurrency, 'job')} at once from ${storage.name}: ${names.join(', ')}.`;
    const facts = { storage: storage.name, concurrency, teams: names };
    io.print(`${given.flags.has('json') ? JSON.stringify(facts) : line}\n`);
    await fired(interrupt.signal);
    sayDraining(io, true);
    await working.drain();
  });
}
