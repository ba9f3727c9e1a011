import { fitFiles } from '../fit-files.ts';
import { isFileSlot, type Supply } from '../schema/supply.ts';
import { type Slot, slotsOf } from './template.ts';

/** What fills a template. */
export interface Filling {
  readonly supply: Supply;
  /** Paths that a row of a table may stand for. */
  readonly files: readonly string[];
  /** For each paragraph, in characters; null where nothing is said. */
  readonly paragraphLengthMax: number | null;
}

/** How often the pattern of a list is repeated. */
const repeatsMax = 6;
const repeatsWhenAsked = 4;
const slotLengthMax = 420;

/** A line with what hangs on it, and how often it comes. */
interface Part {
  readonly lines: readonly string[];
  readonly repeats: number;
}

/**
 * Fills a template with extracts, in order. Slots are replaced; where a template has none, its headings and labels
 * stay and the text of its bullets and paragraphs is replaced. An item that stands alone in its list is
 * the list's pattern and comes several times, as does whatever stands before a line of dots.
 */
export function fillTemplate(template: string, filling: Filling): string {
  const lines = withoutDenials(template.replace(/\s+$/, '').split('\n'));
  const hasSlots = lines.some((line) => slotsOf(line).length > 0);
  const fillable = Math.max(1, lines.filter((line) => slotsOf(line).length > 0 || isItem(line)).length);
  const repeats = Math.min(repeatsMax, Math.max(1, Math.round(filling.supply.left() / fillable)));
  const parts = partsOf(lines, { repeats, hasSlots, files: filling.files });
  const posts = parts.filter(({ lines: [first = ''] }) => /^\s*\d+\//.test(first));
  const total = posts.reduce((sum, part) => sum + part.repeats, 0);
  return parts.flatMap((part) => rendered(part, { ...filling, hasSlots, total })).join('\n');
}

/** Drops the sections that ask for what a source does not say: no extract can answer that. */
function withoutDenials(lines: readonly string[]): readonly string[] {
  let denied = false;
  const kept = lines.filter((line) => {
    if (/^#{1,6}\s/.test(line)) denied = /\b(?:not|no|never|missing|unknown|open|without)\b/i.test(line);
    return !denied;
  });
  return kept.some((line) => line.trim() !== '') ? kept : lines;
}

interface Layout {
  readonly repeats: number;
  readonly hasSlots: boolean;
  readonly files: readonly string[];
}

function partsOf(lines: readonly string[], layout: Layout): readonly Part[] {
  const parts: Part[] = [];
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    if (isDots(line)) {
      const pattern = parts.findLastIndex(({ lines: [first = ''] }) => first.trim() !== '');
      const found = parts[pattern];
      if (found !== undefined)
        parts[pattern] = { ...found, repeats: Math.max(found.repeats, repeatsWhenAsked) };
      continue;
    }
    const hanging = isItem(line) ? hangingLines(lines, index) : [];
    const whole = [line, ...hanging];
    const next = lines.slice(index + whole.length).find((other) => other.trim() !== '') ?? '';
    const before = parts.findLast(({ lines: [first = ''] }) => first.trim() !== '')?.lines[0] ?? '';
    const isPattern =
      (isItem(line) || isSlotRow(line)) && !isLike(line, next) && !isLike(line, before) && !isDots(next);
    const isFilled = !layout.hasSlots || whole.some((one) => slotsOf(one).length > 0);
    parts.push({ lines: whole, repeats: isPattern && isFilled ? repeatsOf(line, layout) : 1 });
    index += hanging.length;
  }
  return parts;
}

/** A row about a file comes once for each. */
function repeatsOf(line: string, { repeats, files }: Layout): number {
  const file = isSlotRow(line) ? slotsOf(line).find(({ label }) => isFileSlot(label)) : undefined;
  const fitting = file === undefined ? 0 : fitFiles(file.label, '', files).length;
  return fitting > 0 ? Math.min(fitting, 2 * repeatsMax) : repeats;
}

function hangingLines(lines: readonly string[], index: number): readonly string[] {
  const rest = lines.slice(index + 1);
  const end = rest.findIndex((line) => !/^\s+\S/.test(line));
  return end < 0 ? rest : rest.slice(0, end);
}

function isDots(line: string): boolean {
  return /^\s*(?:[-*]\s+|\d+[.)/]\s*|\|\s*)?(?:\.\.\.|…|⋮)\s*\|?\s*$/.test(line);
}

function isItem(line: string): boolean {
  return /^\s*(?:[-*+]|\d+[.)]|\d+\/(?:\d+|[<{[][^>}\]]+[>}\]])?)\s+\S/.test(line);
}

function isSlotRow(line: string): boolean {
  return /^\s*\|.*\|\s*$/.test(line) && slotsOf(line).length > 0;
}

function isLike(line: string, other: string): boolean {
  if (isSlotRow(line)) return isSlotRow(other);
  return isItem(other) && /^\s*[-*+]/.test(line) === /^\s*[-*+]/.test(other);
}

interface Rendering extends Filling {
  readonly hasSlots: boolean;
  /** Posts in the whole, where they are counted like `1/5`. */
  readonly total: number;
}

function rendered({ lines, repeats }: Part, rendering: Rendering): readonly string[] {
  const separated = rendering.paragraphLengthMax !== null && repeats > 1;
  return Array.from({ length: repeats }, (_, round) => {
    const filled = lines.map((line) => renderLine(counted(line, round), { round, repeats, ...rendering }));
    return separated && round > 0 ? ['', ...filled] : filled;
  }).flat();
}

/** A numbered line counts on when it is repeated. */
function counted(line: string, round: number): string {
  const number = /^\s*(\d+)(?=[.)/])/.exec(line)?.[1];
  return number === undefined ? line : line.replace(number, String(Number(number) + round));
}

interface LineRendering extends Rendering {
  readonly round: number;
  readonly repeats: number;
}

function renderLine(line: string, rendering: LineRendering): string {
  const slots = slotsOf(line);
  if (slots.length > 0) return renderSlots(line, slots, rendering);
  if (rendering.hasSlots || line.trim() === '' || /^\s*\|/.test(line) || /^[-*_=\s]+$/.test(line))
    return line;
  const { supply } = rendering;
  if (/^#{1,6}\s/.test(line)) {
    return line.replace(/\b(?:title|headline)\s*$/i, () => supply.fill('title'));
  }
  const label = /^\s*(?:(?:[-*+]|\d+[.)/]\d*)\s+)?(?:\*\*[^*]{1,60}\*\*:?|[^:.]{1,40}:(?=\s|$))/.exec(
    line,
  )?.[0];
  const marker = label ?? /^\s*(?:(?:[-*+]|\d+[.)/]\d*)\s+)?/.exec(line)?.[0] ?? '';
  const space = marker === '' || marker.endsWith(' ') ? '' : ' ';
  return `${marker}${space}${supply.next(roomOf(line, 1, rendering))}`;
}

function renderSlots(line: string, slots: readonly Slot[], rendering: LineRendering): string {
  const isHeading = /^#{1,6}\s/.test(line);
  const isRow = /^\s*\|/.test(line);
  const texts = slots.filter(({ label }) => !isCounter(label)).length;
  const room = Math.min(
    isHeading ? 90 : isRow ? 140 : slotLengthMax,
    roomOf(line, Math.max(1, texts), rendering),
  );
  let text = '';
  let from = 0;
  for (const slot of slots) {
    const before = line.slice(from, slot.start);
    const label =
      isHeading && line.startsWith('# ') && slots.length === 1 ? `title ${slot.label}` : slot.label;
    const value = slotText({ label, after: before, room }, rendering);
    text += `${before}${isRow ? value.replaceAll('|', '\\|') : value}`;
    from = slot.end;
  }
  return text + line.slice(from);
}

interface SlotPlace {
  readonly label: string;
  /** What stands between the slot and the one before. */
  readonly after: string;
  readonly room: number;
}

function slotText({ label, after, room }: SlotPlace, rendering: LineRendering): string {
  const { round, repeats, total, files, supply } = rendering;
  if (isCounter(label)) return String(after.endsWith('/') ? Math.max(total, repeats) : round + 1);
  const fitting = isFileSlot(label) ? fitFiles(label, '', files) : [];
  return fitting[round % Math.max(1, fitting.length)] ?? supply.fill(label, room);
}

function isCounter(label: string): boolean {
  return /^(?:n|i|k|m|no|nr|number|index|counter|total|count|#)$/i.test(label);
}

/** What a slot may take of a paragraph's limit. */
function roomOf(line: string, slotsCount: number, { paragraphLengthMax }: Filling): number {
  if (paragraphLengthMax === null) return slotLengthMax;
  // A counter takes four characters at most, its slot mostly more.
  const literal = slotsOf(line).reduce((length, { start, end }) => length - (end - start) + 4, line.length);
  return Math.max(12, Math.floor((paragraphLengthMax - literal) / slotsCount));
}
