import { type Client, InspanProblem, type Job, type StreamEvent } from '../../client/index.ts';
import type { NumberedEvent } from '../../core/index.ts';
import type { Arguments, CommandSpec } from '../arguments.ts';
import { exitCodes, type Interrupt, type Io } from '../io.ts';
import { watchInLines, watchOnScreen, watchSilently } from '../run/watch.ts';
import { type JobView, newJobView } from '../show/job-view.ts';
import { counted, dollars, oneLine } from '../show/wording.ts';
import { clientOf, tell, urlOption } from './server-client.ts';
import { eventAsHere } from './told-event.ts';

/** How `inspan jobs watch` is called. */
export const watchSpec: CommandSpec = Object.freeze({
  name: 'jobs watch',
  purpose: 'Follows a job to its end, from its beginning, through restarts of the server.',
  words: [{ name: 'job', required: true, purpose: 'the id of a job' }],
  options: {
    url: urlOption,
    json: { value: null, purpose: 'Prints each event as a line of JSON, and the job last.' },
  },
  examples: ['inspan jobs watch job_5f0c9a'],
  notes: ['Ctrl-C ends the watching, not the job.'],
});

/** A server that is restarted is back well before: two minutes. */
const patienceMs = 120_000;

/** Follows a job. */
export async function watchJob(given: Arguments, io: Io): Promise<number> {
  const [id = ''] = given.words;
  const job = await clientOf(given, io).jobs.get(id);
  const client = clientOf(given, io, { patienceMs });
  const interrupt = io.listenForInterrupt();
  try {
    await follow({ client, job, interrupt }, given, io);
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    io.complain(`inspan: ${id} goes on. Watch it again: inspan jobs watch ${id}\n`);
    return interrupt.exitCode();
  } finally {
    interrupt.release();
  }
  const ended = await client.jobs.get(id);
  if (given.flags.has('json')) io.print(`${JSON.stringify({ type: 'job', job: ended })}\n`);
  else tell(io, given, { json: ended, lines: ['', endLine(ended)] });
  return ended.state === 'succeeded' ? exitCodes.done : exitCodes.failed;
}

interface Followed {
  readonly client: Client;
  readonly job: Job;
  readonly interrupt: Interrupt;
}

async function follow({ client, job, interrupt }: Followed, given: Arguments, io: Io): Promise<void> {
  const isJson = given.flags.has('json');
  const told = client.jobs.events(job.id, { deltas: false, signal: interrupt.signal });
  const say = isJson || io.screen !== null ? () => {} : (line: string) => io.print(`${line}\n`);
  const events = shownEvents(told, {
    say,
    hear: isJson ? (event) => io.print(`${JSON.stringify(event)}\n`) : () => {},
  });
  const view = await viewOf(client, job);
  if (isJson) await watchSilently(events, view);
  else if (io.screen === null) await watchInLines(events, view, io);
  else await watchOnScreen(events, { view, models: [job.id], screen: io.screen }, io.clock);
}

interface Listeners {
  /** Is told every event as it came. */
  readonly hear: (event: StreamEvent) => void;
  /** Is told in a line how the job moved: boards and lines of this machine know no queue. */
  readonly say: (line: string) => void;
}

async function* shownEvents(
  told: AsyncIterable<StreamEvent>,
  { hear, say }: Listeners,
): AsyncGenerator<NumberedEvent> {
  for await (const event of told) {
    hear(event);
    if (event.type === 'text' || event.type === 'retracted') continue;
    if (event.type === 'job-moved') say(`${event.state}: ${oneLine(event.why)}`);
    else yield eventAsHere(event);
  }
}

/** The team may have gone or changed since: then the agents are those that have appeared so far. */
async function viewOf({ teams }: Client, { team, progress }: Job): Promise<JobView> {
  const found = await teams.get(team).catch((error: unknown) => {
    if (error instanceof InspanProblem && error.status !== null && error.status < 500) return null;
    throw error;
  });
  const agents =
    found?.agents ?? (progress?.agents ?? []).map(({ name }) => ({ name, isLead: false, writes: null }));
  const members = agents.filter(({ isLead }) => !isLead);
  return newJobView({ name: team, lead: agents.find(({ isLead }) => isLead) ?? null, members }, null);
}

/** Says how a job ended. */
function endLine({ id, state, failure, cost, progress }: Job): string {
  const used = [
    ...(progress === undefined ? [] : [counted(progress.calls, 'call')]),
    ...(cost === null ? [] : [`cost ${dollars(cost.microUsd)}`]),
  ];
  const why = failure === null ? '' : ` (${failure.code}: ${oneLine(failure.message)})`;
  return `${id} ${state}${why}${used.length === 0 ? '' : `: ${used.join(', ')}`}`;
}
