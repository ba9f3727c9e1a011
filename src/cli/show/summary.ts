import { totalInputTokens, totalOutputTokens } from '../../core/index.ts';
import type { EndedJob } from '../../jobs/index.ts';
import type { Team } from '../../team/index.ts';
import { cutLine } from './plain-lines.ts';
import { tableLines } from './table.ts';
import { bytes, count, counted, dollars, duration, oneLine } from './wording.ts';

/** What a summary says besides the ended job. */
export interface SummaryParts {
  readonly team: Team;
  readonly warnings: readonly string[];
  /** The folder with the files, as a person finds it. */
  readonly out: string;
  /** The file in it that holds the report. */
  readonly report: string;
}

/** Says how a job ended, what it made and where that is. */
export function summaryLines(
  ended: EndedJob,
  { team, warnings, out, report }: SummaryParts,
): readonly string[] {
  const artifacts = artifactRows(ended, team);
  return [
    headline(ended),
    ...unreportedLines(ended),
    ...ended.cuts.map(cutLine),
    ...warnings.map((warning) => `warning: ${oneLine(warning)}`),
    '',
    artifacts.length === 0 ? `No artifact was written. The rest is in ${out}/` : `${out}/`,
    ...tableLines({ rows: [...artifacts, [`  ${report}`, '', 'all of this as JSON']], right: [1] }),
  ];
}

function headline({ outcome, failure, usage, cost, elapsedMs }: EndedJob): string {
  const { total } = usage;
  const read = total.usage.cacheReadTokens;
  const cached = read === 'unknown' || read === 0 ? '' : ` (${count(read)} of them from cache)`;
  const why = outcome === 'failed' && failure !== null ? ` (${failure.code})` : '';
  const used = [
    `${count(totalInputTokens(total.usage))} tokens in${cached}`,
    `${count(totalOutputTokens(total.usage))} out`,
    `cost ${dollars(cost.microUsd)}`,
  ];
  return `${outcome}${why} after ${duration(elapsedMs)}: ${used.join(', ')}`;
}

/** What may be on the bill beside the cost: providers do not say what a broken call used. */
function unreportedLines({ usage }: EndedJob): readonly string[] {
  const { calls, costMicroUsd } = usage.total.unreported;
  if (calls === 0) return [];
  return [
    `${counted(calls, 'call')} broke off before the provider said what was used: up to ${dollars(costMicroUsd)} more`,
  ];
}

function artifactRows({ files }: EndedJob, { members }: Team): readonly (readonly string[])[] {
  return members.flatMap(({ name, writes }) => {
    const text = Object.hasOwn(files, writes) ? files[writes] : undefined;
    return text === undefined ? [] : [[`  ${oneLine(writes)}`, bytes(Buffer.byteLength(text)), `by ${name}`]];
  });
}
