import { failure, failureLine, InspanError, type NumberedEvent } from '../../core/index.ts';
import type { Inspan, PreparedJob, TypedBrief } from '../../inspan.ts';
import type { Brief, EndedJob, Job } from '../../jobs/index.ts';
import type { Team } from '../../team/index.ts';
import type { Arguments, CommandSpec } from '../arguments.ts';
import { exitCodes, type Io } from '../io.ts';
import { loadTeamAt, placeAt } from '../load-team.ts';
import { ownPrices } from '../models/prices-file.ts';
import { type JobView, newJobView } from '../show/job-view.ts';
import { summaryLines } from '../show/summary.ts';
import { counted, oneLine } from '../show/wording.ts';
import { printEstimate } from './estimate.ts';
import { jobReport } from './job-report.ts';
import {
  defaultOutName,
  type OutFolder,
  openOutFolder,
  outFolder,
  outProblem,
  writeReport,
} from './out-folder.ts';
import { readBrief } from './read-brief.ts';
import { watchInLines, watchOnScreen, watchSilently } from './watch.ts';

/** How `inspan run` is called. */
export const runSpec: CommandSpec = Object.freeze({
  name: 'run',
  purpose: 'Runs a team on a brief and shows what it does, makes and costs.',
  words: [{ name: 'team', required: true, purpose: 'the folder of a team' }],
  options: {
    brief: {
      value: '<text>',
      purpose: 'What is asked for: text, @<path> for a file, or - for standard input.',
    },
    file: {
      value: '<name>=<path>',
      repeats: true,
      purpose: 'A file the team works on; <path> alone where it is clear which.',
    },
    param: {
      value: '<name>=<value>',
      repeats: true,
      purpose: 'A parameter of the brief. Lists: a,b or the option again.',
    },
    model: { value: '<id>', purpose: 'One model for all agents: provider/name, or offline.' },
    out: {
      value: '<folder>',
      purpose: 'Where the files go; new or empty. Default: inspan-out/<team>-<job>.',
    },
    json: {
      value: null,
      purpose: 'Prints one JSON document at the end and nothing else; without --out, writes nothing.',
    },
    estimate: { value: null, purpose: 'Checks the brief, says what the job would cost, and runs nothing.' },
  },
  examples: [
    'inspan run launch-kit --file source.md=README.md --param platforms=x,linkedin',
    'inspan run launch-kit --file source.md=- --brief @brief.txt --model offline --json',
  ],
  notes: ['Ctrl-C stops the job and keeps what is there; a second one ends at once.'],
});

/** Runs a team on a brief. */
export async function run(given: Arguments, io: Io): Promise<number> {
  const job = io.newId();
  const model = given.values['model']?.[0];
  const inspan = io.createInspan({
    prices: await ownPrices(io),
    environment: io.environment,
    clock: io.clock,
    newId: () => job,
    ...(model === undefined ? {} : { model }),
  });
  try {
    const team = await loadTeamAt(given.words[0] ?? '.', inspan, io);
    if (given.flags.has('estimate')) return await printEstimate(given, team, io);
    const checked = await check(given, { team, inspan, job }, io);
    return await runChecked(checked, given, { inspan, io });
  } finally {
    await inspan.close();
  }
}

/** Everything a job needs, found right. */
interface CheckedRun {
  readonly team: Team;
  readonly brief: Brief;
  readonly prepared: PreparedJob;
  /** Null: the files stay in memory. */
  readonly out: OutFolder | null;
}

interface RunToCheck {
  readonly team: Team;
  readonly inspan: Inspan;
  readonly job: string;
}

/** Finds every mistake before anything is written; throws `InspanError` with all of them. */
async function check(given: Arguments, { team, inspan, job }: RunToCheck, io: Io): Promise<CheckedRun> {
  const typed = await readBrief(given, team, io);
  const name = given.values['out']?.[0];
  const inMemory = name === undefined && given.flags.has('json');
  const out = inMemory ? null : outFolder(name ?? defaultOutName(team.name, job), io.directory);
  const blocked = out === null ? null : await outProblem(out);
  const failures = [...typed.failures, ...(blocked === null ? [] : [blocked])];
  const prepared = await inspan.prepare(team, asked(typed.brief)).catch((error: unknown) => {
    if (error instanceof InspanError) throw new InspanError([...failures, ...error.failures]);
    throw error;
  });
  if (failures.length > 0) throw new InspanError(failures);
  return { team, brief: typed.brief, prepared, out };
}

async function runChecked(
  { team, brief, prepared, out }: CheckedRun,
  { flags, words }: Arguments,
  { inspan, io }: { readonly inspan: Inspan; readonly io: Io },
): Promise<number> {
  const workspace = out === null ? {} : { workspace: await openOutFolder(out) };
  const interrupt = io.listenForInterrupt();
  const job = await inspan.start(team, asked(brief), { ...workspace, signal: interrupt.signal });
  const models = [...new Set([...prepared.models.models.values()].map(({ id }) => id))].sort();
  const view = await watch(
    job,
    { view: newJobView(team, prepared.models.notice), models, isSilent: flags.has('json') },
    io,
  );
  const ended = await job.outcome();
  interrupt.release();
  const typed = words[0] ?? '.';
  await tell(ended, { typed, team, view, models, out, asJson: flags.has('json') }, io);
  if (ended.outcome === 'done') return exitCodes.done;
  return interrupt.signal.aborted ? interrupt.exitCode() : exitCodes.failed;
}

function asked({ text, ...rest }: Brief): TypedBrief {
  return { ...rest, ...(text === undefined ? {} : { brief: text }) };
}

interface Watching {
  readonly view: JobView;
  readonly models: readonly string[];
  readonly isSilent: boolean;
}

async function watch(job: Job, { view, models, isSilent }: Watching, io: Io): Promise<JobView> {
  const events: AsyncIterable<NumberedEvent> = job.events();
  if (isSilent) return await watchSilently(events, view);
  if (io.screen === null) return await watchInLines(events, view, io);
  return await watchOnScreen(events, { view, models, screen: io.screen }, io.clock);
}

interface Told {
  /** The team's folder as a person typed it. */
  readonly typed: string;
  readonly team: Team;
  readonly view: JobView;
  readonly models: readonly string[];
  readonly out: OutFolder | null;
  readonly asJson: boolean;
}

async function tell(
  ended: EndedJob,
  { typed, team, view, models, out, asJson }: Told,
  io: Io,
): Promise<void> {
  const about = noticeLines(team, typed);
  const report = jobReport(ended, { warnings: [...about, ...view.warnings], models, out: out?.name ?? null });
  // The model notice has been shown at the start; those of the team are listed by another command.
  const listed =
    about.length === 0 ? [] : [`${counted(about.length, 'notice')} about the team: inspan check ${typed}`];
  const warnings = [...listed, ...view.warnings.filter((warning) => warning !== view.notice)];
  const kept = out === null ? '' : await writeReport(out, report, Object.keys(ended.files));
  if (asJson) io.print(`${JSON.stringify(report, null, 2)}\n`);
  else
    io.print(`\n${summaryLines(ended, { team, warnings, out: out?.name ?? '', report: kept }).join('\n')}\n`);
  if (ended.failure !== null && ended.outcome === 'failed')
    io.complain(`inspan: ${oneLine(failureLine(ended.failure))}\n`);
}

/** What is worth knowing of the team itself, as lines with places a person finds. */
function noticeLines({ notices }: Team, typed: string): readonly string[] {
  return notices.map(({ message, place }) =>
    failureLine(failure('wrong-team', message, place === undefined ? {} : { place: placeAt(typed, place) })),
  );
}
