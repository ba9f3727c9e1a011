import { blank } from './normal-text.ts';

/** A draft taken apart. Both texts keep the draft's offsets: what is missing in one is blank there. */
export interface DraftText {
  /** Everything a reader reads as prose: no comments, no code blocks. */
  readonly prose: string;
  /** The lines of fenced code blocks. */
  readonly code: readonly CodeLine[];
}

/** One line of a fenced code block. */
export interface CodeLine {
  readonly text: string;
  /** Line of the draft, from 1. */
  readonly line: number;
}

/** Takes a draft apart: comments are no claims, code blocks are read line by line. */
export function takeApart(draft: string): DraftText {
  const code: CodeLine[] = [];
  const prose: string[] = [];
  const closings = lineOfLastClosing(draft);
  let fence: Fence | null = null;
  let inComment = false;
  draft.split('\n').forEach((line, index) => {
    const mark = inComment ? null : fenceMark.exec(line);
    if (fence === null && mark !== null) {
      fence = { mark: mark[1] ?? '', isProse: proseFence.test(mark[2] ?? '') };
      prose.push(blank(line));
    } else if (fence !== null && closes(line, fence.mark)) {
      fence = null;
      prose.push(blank(line));
    } else if (fence !== null && !fence.isProse) {
      code.push({ text: line, line: index + 1 });
      prose.push(blank(line));
    } else {
      const rest = uncomment(line, inComment, index < closings);
      inComment = rest.inComment;
      prose.push(rest.text);
    }
  });
  return { prose: prose.join('\n'), code };
}

interface Fence {
  readonly mark: string;
  /** A model may wrap its whole draft in a Markdown fence: that is prose all the same. */
  readonly isProse: boolean;
}

const fenceMark = /^ {0,3}(?:> ?)?(`{3,}|~{3,})([^`]*)$/;
const proseFence = /^\s*(?:md|markdown)\b/i;

function closes(text: string, mark: string): boolean {
  const trimmed = text.replace(/^ {0,3}(?:> ?)?/, '').trimEnd();
  return trimmed.length >= mark.length && trimmed === (mark[0] ?? '').repeat(trimmed.length);
}

/** Index of the last line that ends a comment. */
function lineOfLastClosing(draft: string): number {
  const last = draft.lastIndexOf('-->');
  return last === -1 ? -1 : draft.slice(0, last).split('\n').length - 1;
}

/** Blanks a line's comments. One that never ends is no comment: what follows it is still read. */
function uncomment(
  line: string,
  inComment: boolean,
  closesLater: boolean,
): { text: string; inComment: boolean } {
  let text = '';
  let at = 0;
  let open = inComment;
  while (at < line.length) {
    const edge = line.indexOf(open ? '-->' : '<!--', at);
    const isOpening = !open && edge !== -1 && !isInCodeSpan(line, edge);
    if (edge === -1 || (isOpening && !closesLater && !line.includes('-->', edge))) {
      return { text: text + (open ? blank(line.slice(at)) : line.slice(at)), inComment: open };
    }
    const stop = open ? edge + 3 : edge;
    text += open ? blank(line.slice(at, stop)) : line.slice(at, isOpening ? stop : stop + 4);
    at = open || isOpening ? stop : stop + 4;
    open = isOpening;
  }
  return { text, inComment: open };
}

function isInCodeSpan(line: string, at: number): boolean {
  return line.slice(0, at).split('`').length % 2 === 0;
}

/**
 * Blanks what counts the draft's own parts: list numbers, numbered headings, `Post 2`, thread counters `1/5`.
 * Also hashtags and footnote marks, which state nothing.
 */
export function withoutOrdinals(prose: string): string {
  return threadTotals(prose)
    .reduce((text, total) => text.replace(counterOf(total), blank), prose)
    .replace(/^[ >#*_(-]*\d{1,3}\/(?= |$|\n)/gm, blank)
    .replace(/^[ >#*_-]*\(?\d{1,3}[.)](?=[ *_]|$)/gm, blank)
    .replace(partPattern, blank)
    .replace(/\[\^?\d{1,3}\](?!\()/g, blank)
    .replace(/(?<![\p{L}\p{N}&/])#(?=[\p{L}\p{N}_]*[\p{L}_])[\p{L}\p{N}_]+/gu, blank);
}

const partWords =
  'posts?|tweets?|steps?|parts?|slides?|sections?|chapters?|points?|questions?|figures?|tables?|beitrag|schritt|teil|kapitel|étape|etape|partie|paso|parte|sección|passo|шаг|часть|пост';
const partPattern = new RegExp(
  `^[ >#*_([-]*(?:(?:${partWords}) #?\\d{1,3}(?: ?(?:/|of|von|de|sur|из) ?\\d{1,3})?(?![\\d.,]*\\d|[\\p{L}%])|第 ?\\d{1,3} ?[条步部章节個个回話篇])`,
  'gimu',
);

/** How many posts a thread says it has: `n` of every `1/n` at the edge of a line. */
function threadTotals(prose: string): readonly string[] {
  const totals = [...prose.matchAll(/^[ >#*_([-]*1\/(\d{1,3})(?!\d)|(?<![\d/])1\/(\d{1,3})[)\]*_ ]*$/gm)];
  return [...new Set(totals.map(([, first, last]) => first ?? last ?? ''))].slice(0, 10);
}

function counterOf(total: string): RegExp {
  return new RegExp(`^[ >#*_([-]*\\d{1,3}/${total}(?!\\d)|(?<![\\d/])\\d{1,3}/${total}[)\\]*_ ]*$`, 'gm');
}
