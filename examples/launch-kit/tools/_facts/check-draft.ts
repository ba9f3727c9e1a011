import { type Claim, claimsMax } from './claim.ts';
import { findClaim } from './find-claim.ts';
import { findNearest, type Nearest } from './nearest.ts';
import { readClaims } from './read-claims.ts';
import { indexSource } from './source-index.ts';

/** What became of every fact a draft states. */
export interface FactReport {
  readonly found: readonly FoundFact[];
  readonly missing: readonly MissingFact[];
}

/** A fact that the source states too. */
export interface FoundFact {
  readonly claim: Claim;
  /** Line of the source, from 1. */
  readonly line: number;
}

/** A fact that the source does not state in this form. */
export interface MissingFact {
  readonly claim: Claim;
  /** Looked for only for the facts that a report shows. */
  readonly nearest: Nearest | null;
}

/** Looks up every number, version, URL, name, command and quotation of a draft in its source. */
export function checkDraft(draft: string, source: string): FactReport {
  const index = indexSource(source);
  const looked = readClaims(draft).map((claim) => ({ claim, line: findClaim(index, claim) }));
  const missing = looked.filter(({ line }) => line === null);
  return {
    found: looked.flatMap(({ claim, line }) => (line === null ? [] : [{ claim, line }])),
    missing: missing.map(({ claim }, position) => ({
      claim,
      nearest: position < missingShownMax ? findNearest(index, claim) : null,
    })),
  };
}

/** Writes a report as text: a summary line, what is missing, then what was found. `source` is the source's path. */
export function writeReport({ found, missing }: FactReport, source: string): string {
  const total = found.length + missing.length;
  const summary = `${total} checked, ${found.length} found, ${missing.length} not found`;
  if (total === 0) return `${summary}\nThe draft states no number, version, URL, name, command or quotation.`;
  return [
    total === claimsMax
      ? `${summary} (the draft's first ${claimsMax} facts; the rest was not checked)`
      : summary,
    ...section(`Not found in ${source} in this form:`, missing.map(missingLine), missingShownMax),
    ...(found.length === 0 ? [] : ['', `Found in ${source}: ${foundList(found)}`]),
  ].join('\n');
}

/** More than a reviewer acts on at once; the summary line has the whole count. */
const missingShownMax = 40;
const foundShownMax = 30;
const claimCharactersMax = 160;

function section(title: string, lines: readonly string[], linesMax: number): readonly string[] {
  if (lines.length === 0) return [];
  const more = lines.length - linesMax;
  return ['', title, ...lines.slice(0, linesMax), ...(more > 0 ? [`- and ${more} more`] : [])];
}

function missingLine({ claim, nearest }: MissingFact): string {
  const hint = nearest === null ? 'nothing like it' : `nearest is line ${nearest.line}: ${nearest.text}`;
  return `- ${stated(claim)} | ${hint}`;
}

/** What is found needs no action: a list on one line, so that a reviewer's window is kept for the rest. */
function foundList(found: readonly FoundFact[]): string {
  const shown = found
    .slice(0, foundShownMax)
    .map(({ claim, line }) => `${shortened(claim.text)} (line ${line})`);
  const more = found.length - shown.length;
  return `${shown.join(', ')}${more > 0 ? `, and ${more} more` : ''}`;
}

function stated({ kind, text, lines }: Claim): string {
  const places = lines.length > 5 ? `${lines.slice(0, 5).join(', ')} …` : lines.join(', ');
  return `draft line ${places}: ${kind} ${shortened(text)}`;
}

function shortened(text: string): string {
  return text.length > claimCharactersMax ? `${text.slice(0, claimCharactersMax)}…` : text;
}
