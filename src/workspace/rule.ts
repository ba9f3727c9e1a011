import picomatch from 'picomatch';
import { fail, ok, type Result } from '../core/index.ts';
import { checkPath, quotePath, segmentProblem, wholeProblem } from './path.ts';

/** Says whether a path is meant. */
export type MatchPath = (path: string) => boolean;

// A glob becomes a backtracking expression whose cost grows with the number of stars in the exponent. Measured on
// the longest names, four stars or two double stars take 0.1 s at worst, a fifth star or a fourth pair takes seconds.
const starsMax = 4;
const doubleStarsMax = 2;

/**
 * Checks a scope rule and gives its one spelling (NFC).
 * A path (`brief.md`), a folder (`drafts/`) or a glob (`drafts/*.md`), in which `*` stays in one segment, `**` is any
 * depth, and `?`, `{a,b}` and `[abc]` mean the usual. Else `path-refused`, saying what to write instead.
 */
export function checkRule(rule: string): Result<string> {
  const normal = rule.normalize('NFC');
  if (!isGlob(normal)) return checkLiteral(normal);
  const problem = globProblem(normal);
  if (problem === null) return ok(normal);
  return fail('path-refused', `${quotePath(normal)} is not a rule for files: ${problem}`);
}

/** Says whether a rule means a path. A rule that `checkRule` refuses means none. */
export function ruleMatches(rule: string, path: string): boolean {
  return compileRule(rule)(path.normalize('NFC'));
}

/** Makes the test of one rule, for use on many paths. */
export function compileRule(rule: string): MatchPath {
  const checked = checkRule(rule);
  if (!checked.ok) return () => false;
  const normal = checked.value;
  if (!isGlob(normal))
    return normal.endsWith('/') ? (path) => path.startsWith(normal) : (path) => path === normal;
  const matches = picomatch(toPicomatch(normal), globOptions);
  // A file may be called `[draft].md`: a rule always means the path that is spelled like it.
  return (path) => path === normal || matches(path);
}

/** Says whether a rule has wildcards. */
export function isGlob(rule: string): boolean {
  return /[*?[{]/.test(rule);
}

// `windows: false` because the default depends on the machine.
const globOptions = Object.freeze({ dot: true, nonegate: true, noextglob: true, windows: false });

function checkLiteral(rule: string): Result<string> {
  const isFolder = rule.endsWith('/') && rule !== '/';
  const checked = checkPath(isFolder ? rule.slice(0, -1) : rule);
  return checked.ok && isFolder ? ok(`${checked.value}/`) : checked;
}

function globProblem(rule: string): string | null {
  const odd = /[<>:"|]/.exec(rule)?.[0];
  if (odd !== undefined) return `the character \`${odd}\` cannot be in the name of a file. Leave it out.`;
  const problem = wholeProblem(rule) ?? bracketProblem(rule);
  if (problem !== null) return problem;
  for (const segment of segmentsOf(rule)) {
    const found = globSegmentProblem(segment);
    if (found !== null) return found;
  }
  if (count(rule, /\*+/g) > starsMax || count(rule, /\*\*/g) > doubleStarsMax) {
    return `it has more than ${starsMax} stars or more than ${doubleStarsMax} \`**\`. Write several simpler rules.`;
  }
  return picomatch.makeRe(toPicomatch(rule), globOptions).source === '$^' ? 'it is not a valid glob.' : null;
}

function globSegmentProblem(segment: string): string | null {
  if (segment !== '**' && segment.includes('**')) {
    return 'a `**` stands alone between slashes. Write `**/*.md` for all such files at any depth.';
  }
  // What a wildcard stands for is not known yet, so only the plain segments can be held to all the rules.
  return segment === '' || !/[*?[\]{},]/.test(segment) ? segmentProblem(segment) : null;
}

function bracketProblem(rule: string): string | null {
  if (rule.includes('..') && rule.includes('{'))
    return 'ranges in braces are not known. List the choices: `{a,b}`.';
  const withoutClasses = rule.replace(/\[[^[\]/\\]+\]/g, '');
  if (/[[\]]/.test(withoutClasses)) return 'a `[` needs its `]` in the same segment. Close it.';
  if (/[{}]/.test(withoutClasses.replace(/\{[^{}]*,[^{}]*\}/g, ''))) {
    return 'braces hold choices and are not nested: `{a,b}`. Write them so.';
  }
  return null;
}

function segmentsOf(rule: string): readonly string[] {
  return (rule.endsWith('/') ? rule.slice(0, -1) : rule).split('/');
}

/** Writes a glob as picomatch reads it: every character that only it finds special is escaped. */
function toPicomatch(rule: string): string {
  const escaped = rule.replace(/\[[^\]]*\]|[()+^$!@~#']/g, (found) => {
    if (found.startsWith('[')) return found.replace(/^\[!/, '[^');
    return `\\${found}`;
  });
  // `drafts/**` is everything below drafts; a file called drafts is not below it.
  return escaped.replace(/\/(?:\*\*)?$/, '/**/*');
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}
