import type { Place } from '../core/index.ts';
import type { PlacedBlock } from './layout.ts';

/** A value in a static part that breaks cached prefixes: it differs between jobs, days or machines. */
export interface StaticFinding {
  readonly kind: 'date' | 'id' | 'absolute path' | 'environment value';
  /** The offending text itself, at most 80 characters. Environment values are named, not shown. */
  readonly value: string;
  readonly place: Place;
  /** Where it begins in the text, in UTF-16 code units. */
  readonly offset: number;
}

/** Static text to look through. `source.line` is the line on which `text` starts. */
export interface StaticSource {
  readonly text: string;
  readonly source: Place;
}

/**
 * Finds what does not belong before the dynamic part: dates, ids, absolute paths and environment values.
 * `environment` is looked up as given; values shorter than 8 characters are too common to tell.
 */
export function lintStatic(
  { text, source }: StaticSource,
  environment: Readonly<Record<string, string | undefined>>,
): readonly StaticFinding[] {
  const secrets = telling(environment);
  let lineStart = 0;
  return text.split('\n').flatMap((line, index) => {
    const place: Place = { file: source.file, line: (source.line ?? 1) + index };
    const start = lineStart;
    lineStart += line.length + 1;
    const matches = rules.flatMap(({ kind, pattern }) =>
      [...line.matchAll(pattern)].map(({ 0: value, index: at }) => ({
        kind,
        value: value.trim().slice(0, valueCharactersMax),
        place,
        offset: start + at,
      })),
    );
    const values = secrets
      .filter(([, value]) => line.includes(value))
      .map(([name, value]) => ({
        kind: 'environment value' as const,
        value: `the value of ${name}`,
        place,
        offset: start + line.indexOf(value),
      }));
    return [...matches, ...values];
  });
}

/** A value that changes between jobs, in a block of an agent's system part. */
export interface VolatileFinding extends StaticFinding {
  /** The block's id. */
  readonly at: string;
}

/** Looks through an agent's system part, block by block, as `lintStatic` does. Inspan's own words are not looked at. */
export function lintBlocks(
  system: readonly PlacedBlock[],
  environment: Readonly<Record<string, string | undefined>>,
): readonly VolatileFinding[] {
  return system.flatMap(({ id, text, source, textLine }) =>
    source === undefined || textLine === undefined
      ? []
      : lintStatic({ text, source: { ...source, line: textLine } }, environment).map((finding) => ({
          ...finding,
          at: id,
        })),
  );
}

const valueCharactersMax = 80;
const environmentCharactersMin = 8;

/** Variables that describe the shell rather than the deployment; their values are ordinary words. */
const ordinaryVariables: ReadonlySet<string> = new Set([
  'TERM',
  'LANG',
  'LC_ALL',
  'SHELL',
  'PATH',
  'NODE',
  'EDITOR',
  'TERM_PROGRAM',
  'COLORTERM',
]);

function telling(environment: Readonly<Record<string, string | undefined>>): readonly [string, string][] {
  return Object.entries(environment).flatMap(([name, value]) => {
    const skip = value === undefined || value.length < environmentCharactersMin;
    return skip || ordinaryVariables.has(name) || /^npm_/i.test(name)
      ? []
      : [[name, value] as [string, string]];
  });
}

const months =
  'Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?';
const weekday = '(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? )?';
/** With seconds: a plan may well say when a shop opens, but a second is only ever a moment. */
const clock = String.raw`\d\d:\d\d:\d\d`;

const rules: readonly { readonly kind: StaticFinding['kind']; readonly pattern: RegExp }[] = [
  {
    kind: 'date',
    pattern: /(?<![\w-])(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?:[T ]\d\d:\d\d(?::\d\d)?)?/g,
  },
  {
    kind: 'date',
    pattern: new RegExp(
      `\\b${weekday}(?:\\d{1,2}\\.? )?(?:${months})\\.?(?: \\d{1,2},?)?(?: ${clock}(?: [A-Z]{2,5})?)? (?:19|20)\\d\\d(?: ${clock})?\\b`,
      'g',
    ),
  },
  // What `date`, clocks and logs write without a date beside it, and what machines write: 20260321T130000Z.
  { kind: 'date', pattern: new RegExp(`(?<![\\d:T ]|\\d )${clock}(?![\\d:])`, 'g') },
  { kind: 'date', pattern: /\b(?:19|20)\d{6}T\d{6}Z?\b/g },
  // Seconds and milliseconds since 1970, from 2017 to 2033.
  { kind: 'date', pattern: /(?<![\w.,$€-])1[5-9]\d{8}(?:\d{3})?(?![\w.,]\d|\w)/g },
  { kind: 'date', pattern: /\b\d{1,2}[./]\d{1,2}[./](?:19|20)\d\d\b/g },
  { kind: 'id', pattern: /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi },
  { kind: 'id', pattern: /\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{24,64}\b/g },
  { kind: 'id', pattern: /\b[0-7][0-9A-HJKMNP-TV-Z]{25}\b/g },
  {
    kind: 'id',
    pattern:
      /\b(?:job|run|req|request|session|trace|user|msg|chatcmpl|resp)[_-](?=[\w-]*\d)[A-Za-z0-9]{6,}\b/gi,
  },
  {
    kind: 'absolute path',
    pattern:
      /(?<![\w:/.~)\]-])\/(?:home|Users|root|var|etc|opt|usr|mnt|srv|tmp|private|workspace)\/[^\s`'")\]]+/g,
  },
  { kind: 'absolute path', pattern: /(?<![\w])[A-Z]:\\[^\s`'")\]]+/g },
];
