import type { Check } from '../extract/content.ts';
import { countWords } from '../extract/cut-text.ts';
import { type Extracts, extractFrom, type Source } from '../extract/extract.ts';
import type { Extract } from '../extract/unit.ts';
import { createSupply } from '../schema/supply.ts';
import { formOf } from './forms.ts';
import { readLimits, type StatedLimits } from './limits.ts';
import { findTemplate, slotsOf, type Template } from './template.ts';

/** What an artifact is made of. */
export interface ArtifactParts {
  /** Where it will stand; its extension decides the form. */
  readonly path: string;
  readonly sources: readonly Source[];
  /** The agent's own prompt and skill: what it cares for, which form and length it is asked for. */
  readonly ownText: string;
  readonly checks: readonly Check[];
  /** The simplest valid form: after a first artifact was refused. */
  readonly plain: boolean;
  readonly tokensMax: number;
}

/** What aims at a page: the middle of 150 to 400 words. */
const wordsUsual = 280;
const wordsPlain = 120;
/** Words and marks take about two tokens each; half of what is left of them is a margin for other scripts. */
const tokensPerWord = 4;
/** A source of this size is quoted whole, a larger one at most by half. */
const wordsSmall = 80;

/** Composes an artifact of verbatim extracts. Always valid for its form, within what its agent is told, never empty. */
export async function composeArtifact(parts: ArtifactParts, signal: AbortSignal): Promise<string> {
  const { path, sources, ownText, plain, tokensMax } = parts;
  const extracts = await extractFrom(sources, ownText, signal);
  const limits = readLimits(ownText);
  const form = formOf(path);
  const shown = findTemplate(ownText, form.languages);
  // Who has asked tools reports their answers: an extract between them would look like a judgement.
  const reports = parts.checks.length > 0 && !plain;
  const template = plain || reports ? null : shown;
  const room = Math.max(12, Math.floor(tokensMax / tokensPerWord));
  const picks = reports ? [] : pickExtracts(extracts, Math.min(room, plain ? wordsPlain : aimOf(limits)));
  const files = sources.map((source) => source.path);
  return form.render({
    path,
    title:
      (reports ? headingOf(shown) : null) ?? (extracts.title === '' ? 'Nothing to extract' : extracts.title),
    picks,
    files,
    template,
    supply: createSupply(extracts, picks, files),
    checks: plain ? [] : parts.checks,
    limits,
  });
}

/** The heading that a template gives its page, when it is no slot. */
function headingOf(template: Template | null): string | null {
  const heading = /^#\s+(.+)$/m.exec(template?.text ?? '')?.[1] ?? '';
  return heading === '' || slotsOf(heading).length > 0 ? null : heading.trim();
}

function aimOf({ wordsAim, wordsMax }: StatedLimits): number {
  if (wordsAim === null || wordsMax === null) return wordsUsual;
  // Headings, marks and the closing line take some of it.
  return Math.max(20, Math.min(wordsAim, Math.floor(wordsMax * 0.85)));
}

const picksMax = 60;
const sourcesServedMax = 12;

/** Takes the best of each source, then the best of all until it is enough; in the order of the sources. */
export function pickExtracts({ ranked, words }: Extracts, wordsAim: number): readonly Extract[] {
  const enough =
    words <= wordsSmall
      ? Math.max(wordsSmall, wordsAim)
      : Math.min(wordsAim, Math.max(wordsSmall, words / 2));
  const bestOfEach = ranked
    .filter(({ path }, index) => ranked.findIndex((other) => other.path === path) === index)
    .slice(0, sourcesServedMax);
  const ordered = [...bestOfEach, ...ranked.filter((extract) => !bestOfEach.includes(extract))];
  const picks: Extract[] = [];
  let taken = 0;
  for (const extract of ordered) {
    if (picks.length >= picksMax || taken >= enough) break;
    picks.push(extract);
    taken += Math.max(1, countWords(extract.text));
  }
  return picks.sort((a, b) => a.place - b.place);
}
