import { setImmediate as nextTick } from 'node:timers/promises';
import { countWords } from './cut-text.ts';
import { rankUnits } from './rank-units.ts';
import { splitSource } from './split-source.ts';
import type { Extract } from './unit.ts';

/** A text that was read, and where. */
export interface Source {
  readonly path: string;
  readonly text: string;
}

/** The most telling of what was read. */
export interface Extracts {
  /** The first heading of the largest source; else its most telling piece. Empty when nothing was read. */
  readonly title: string;
  /** Most telling first, near repeats left out, at most 200 and one for each further source. */
  readonly ranked: readonly Extract[];
  /** Words in what was looked at. */
  readonly words: number;
}

/** Looked at in one extract, over all sources: ranks in well under 300 ms on a small machine. */
const charactersMax = 200_000;

/**
 * Finds what is most telling in the sources, given interests (any text).
 * Sources longer than what can be looked at are sampled: their start, and windows spread over the rest.
 */
export async function extractFrom(
  sources: readonly Source[],
  interests: string,
  signal: AbortSignal,
): Promise<Extracts> {
  const shares = sharesOf(sources.map(({ text }) => text.length));
  const all: Extract[] = [];
  const titles: { readonly title: string; readonly size: number }[] = [];
  let words = 0;
  for (const [index, { path, text }] of sources.entries()) {
    const seen = sampleText(text, shares[index] ?? 0);
    const units = splitSource(seen, path);
    words += countWords(seen);
    for (const unit of units) all.push({ ...unit, path, place: all.length });
    titles.push({ title: units.find(({ kind }) => kind === 'heading')?.text ?? '', size: text.length });
    await nextTick();
    if (signal.aborted) break;
  }
  const ranked = rankUnits(all, interests);
  const [largest] = titles.filter(({ title }) => title !== '').sort((a, b) => b.size - a.size);
  return { title: plainTitle(largest?.title ?? ranked[0]?.text ?? ''), ranked, words };
}

/** A title carries no links. */
function plainTitle(title: string): string {
  const plain = title.replace(/\[([^\]]{1,300})\]\([^)]{0,500}\)/g, '$1').trim();
  return plain === '' ? title : plain;
}

/** Small texts are looked at whole; what they leave is shared by the large ones. */
function sharesOf(lengths: readonly number[]): readonly number[] {
  const shares: number[] = lengths.map(() => 0);
  let left = charactersMax;
  const bySize = [...lengths.keys()].sort((a, b) => (lengths[a] ?? 0) - (lengths[b] ?? 0));
  for (const [done, index] of bySize.entries()) {
    const share = Math.min(lengths[index] ?? 0, Math.floor(left / (bySize.length - done)));
    shares[index] = share;
    left -= share;
  }
  return shares;
}

/** Windows over the part that is not read from the start. */
const windowsCount = 5;

function sampleText(text: string, lengthMax: number): string {
  if (text.length <= lengthMax) return text;
  const headLength = Math.floor(lengthMax / 2);
  const windowLength = Math.floor((lengthMax - headLength) / windowsCount);
  const stride = Math.floor((text.length - headLength) / windowsCount);
  const windows = Array.from({ length: windowsCount }, (_, index) => {
    const end = index === windowsCount - 1 ? text.length : headLength + (index + 1) * stride;
    return wholeLines(text, end - windowLength, end);
  });
  return [wholeLines(text, 0, headLength), ...windows].join('\n\n');
}

/** A window moved inwards to line ends; to spaces where there are no lines. */
function wholeLines(text: string, from: number, to: number): string {
  const window = text.slice(from, to);
  const breaks = /\n/.test(window.slice(0, -1)) ? /\n/ : /\s/;
  const first = from === 0 ? 0 : window.search(breaks) + 1;
  const inner = window.slice(first);
  if (to >= text.length) return inner.toWellFormed();
  const last = breaks.source === '\\n' ? inner.lastIndexOf('\n') : inner.trimEnd().search(/\s\S*$/);
  return (last > 0 ? inner.slice(0, last) : inner).replace(/^[\uDC00-\uDFFF]|[\uD800-\uDBFF]$/g, '');
}
