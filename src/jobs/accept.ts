import type { CountTokens, Failure } from '../core/index.ts';
import {
  type BriefView,
  briefFile,
  defaultFileTokensMax,
  planOf,
  type Team,
  workspacePath,
} from '../team/index.ts';
import { cutText, type TextCut } from './cut-text.ts';
import { inputText } from './input-text.ts';
import { checkParams } from './params.ts';

/** What a person asks for. The only dynamic input of a job. */
export interface Brief {
  /** In their own words. */
  readonly text?: string;
  /** Files by the name agents know them under: text, or bytes that are text. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly params?: Readonly<Record<string, unknown>>;
}

/** A brief that a team can work on: checked, sized and cut. */
export interface AcceptedBrief {
  readonly view: BriefView;
  /** What the workspace is seeded with: `brief.md` and the files. */
  readonly seeds: readonly { readonly path: string; readonly text: string }[];
  readonly cuts: readonly FileCut[];
  /** True where none of the team's models could be reached and whatever runs there was to answer. Default: false. */
  readonly isSubstituted?: boolean;
}

/** A file that was too long and what was kept of it. */
export interface FileCut extends TextCut {
  readonly path: string;
  readonly tokensMax: number;
}

/** An accepted brief, or everything that is wrong with it. */
export type Acceptance =
  | { readonly ok: true; readonly brief: AcceptedBrief }
  | { readonly ok: false; readonly failures: readonly Failure[] };

/** What a brief says when a person only brings files. */
const defaultText = 'Do what this team is for with the files of this brief.';

/** The text of a brief is for instructions; longer material belongs in files. */
const briefTokensMax = 4_000;

/**
 * Says whether sizing a brief takes a tokenizer, which is slow to load: no token is shorter than a byte, so a text of
 * no more bytes than tokens allowed always fits.
 */
export function needsCounting(team: Team, { text = '', files = {} }: Brief): boolean {
  const isLarge = ([name, content]: [string, string | Uint8Array]): boolean => {
    const bytesSize = typeof content === 'string' ? Buffer.byteLength(content) : content.length;
    return bytesSize > tokensMaxOf(name, team);
  };
  return Buffer.byteLength(text) > briefTokensMax || Object.entries(files).some(isLarge);
}

function tokensMaxOf(name: string, team: Team): number {
  return team.input.files?.[name]?.tokensMax ?? defaultFileTokensMax;
}

/** Validates and sizes a brief before anything runs. Finds every mistake; cuts files that are too long. */
export function acceptBrief(team: Team, brief: Brief, countTokens: CountTokens): Acceptance {
  const files = checkFiles(team, brief.files ?? {}, countTokens);
  const params = checkParams(brief.params ?? {}, team.input.params);
  const failures = [...files.failures, ...(params.ok ? [] : params.failures)];
  if (!params.ok || failures.length > 0) return { ok: false, failures };
  if (planOf(team, params.params).asked.length === 0) return { ok: false, failures: [nobodyAsked(team)] };
  const asked = cutText((brief.text ?? '').trim() || defaultText, briefTokensMax, countTokens);
  const view: BriefView = {
    text: asked.text.trimEnd(),
    params: params.params,
    files: files.fitted.map(({ path, text }) => ({ path, characters: text.length })),
  };
  const briefCut = asked.cut === null ? [] : [{ path: 'brief.md', tokensMax: briefTokensMax, ...asked.cut }];
  const seeds = [{ path: 'brief.md', text: briefFile(view) }, ...files.fitted];
  return { ok: true, brief: { view, seeds, cuts: [...briefCut, ...files.cuts] } };
}

interface CheckedFiles {
  readonly failures: readonly Failure[];
  readonly fitted: readonly { readonly path: string; readonly text: string }[];
  readonly cuts: readonly FileCut[];
}

function checkFiles(team: Team, files: NonNullable<Brief['files']>, countTokens: CountTokens): CheckedFiles {
  const failures: Failure[] = [...missingFiles(team, files)];
  const fitted: { path: string; text: string }[] = [];
  const cuts: FileCut[] = [];
  // Sorted, so that the order in which somebody names files changes nothing.
  for (const [name, content] of Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const refusal = refusedName(name, team) ?? refusedTwin(name, Object.keys(files));
    const text = refusal === null ? inputText(name, content) : { ok: false as const, failure: refusal };
    if (!text.ok) {
      failures.push(text.failure);
      continue;
    }
    const tokensMax = tokensMaxOf(name, team);
    const fit = cutText(text.value, tokensMax, countTokens);
    fitted.push({ path: name, text: fit.text });
    if (fit.cut !== null) cuts.push({ path: name, tokensMax, ...fit.cut });
  }
  return { failures, fitted, cuts };
}

function missingFiles(team: Team, files: NonNullable<Brief['files']>): readonly Failure[] {
  const declared = Object.entries(team.input.files ?? {});
  const missing = declared.filter(([name, { required }]) => required && !Object.hasOwn(files, name));
  return missing.map(([name]) =>
    wrong(
      `File ${name} is missing: this team works on it. Bring a file of that name, as --file ${name}=<path> does.`,
    ),
  );
}

/** What would make a scope rule of a name: agents are given files by their names. */
const globMarks = /^!|[[\]{}]|[!+@]\(/;

function refusedName(name: string, team: Team): Failure | null {
  const path = workspacePath(name);
  if (!path.ok) return wrong(`File ${name}: ${path.failure.message}`);
  if (path.value !== name)
    return wrong(`File ${name}: write its name in composed Unicode (NFC), ${path.value}.`);
  if (globMarks.test(name)) {
    return wrong(`File ${name}: [ ] { } and a leading ! mean patterns; bring it under a name without them.`);
  }
  if (name === 'brief.md')
    return wrong('File brief.md is made by Inspan from the brief: bring yours under another name.');
  const owner = team.members.find(({ writes }) => writes.toLowerCase() === name.toLowerCase());
  if (owner !== undefined)
    return wrong(`File ${name} is what ${owner.name} writes: bring yours under another name.`);
  if (team.input.files === null || Object.hasOwn(team.input.files, name)) return null;
  const known = Object.keys(team.input.files);
  const list = known.length === 0 ? 'It takes none.' : `It takes: ${known.join(', ')}.`;
  return wrong(`File ${name} is not one of this team’s. ${list}`);
}

/** Two names that some disks cannot tell apart cannot both be files. */
function refusedTwin(name: string, names: readonly string[]): Failure | null {
  const twin = names.find((other) => other < name && other.toLowerCase() === name.toLowerCase());
  return twin === undefined
    ? null
    : wrong(`File ${name} differs from ${twin} only in case: rename one of them.`);
}

function nobodyAsked(team: Team): Failure {
  const conditions = team.members.map(({ name }) => name).join(', ');
  return wrong(
    `This brief asks for nobody: the \`when\` of every agent (${conditions}) is unfulfilled. Give other --param values.`,
  );
}

function wrong(message: string): Failure {
  return { code: 'wrong-input', message };
}
