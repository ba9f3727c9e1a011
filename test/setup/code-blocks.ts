/** A fenced block of a markdown page. */
export interface CodeBlock {
  readonly file: string;
  /** Line of its first line of code, from 1. */
  readonly line: number;
  /** First word after the fence; empty when there is none. */
  readonly language: string;
  /** Further words after the fence, such as `run`. */
  readonly marks: readonly string[];
  readonly code: string;
  /** What it promises to print: the `output` block right below it. */
  readonly output: string | null;
}

/** Reads the fenced blocks of a markdown page, in order; indented ones without their indent. */
export function readCodeBlocks(file: string, markdown: string): readonly CodeBlock[] {
  const lines = markdown.split(/\r?\n/);
  const blocks: CodeBlock[] = [];
  for (let at = 0; at < lines.length; at++) {
    const fence = readFence(lines[at] ?? '');
    if (fence === null) continue;
    const end = lines.findIndex((line, place) => place > at && closes(line, fence));
    if (end < 0) throw new Error(`${file}:${at + 1}: this code block never ends`);
    const code = lines.slice(at + 1, end).map((line) => dedent(line, fence.indent));
    const [language = '', ...marks] = fence.info.split(/\s+/);
    blocks.push({ file, line: at + 2, language, marks, code: code.join('\n'), output: null });
    at = end;
  }
  return withOutputs(blocks, lines);
}

/** Says whether printed text keeps a promise: each line is there, in order; `…` stands for anything. */
export function printsAsPromised(printed: string, promised: string): boolean {
  const lines = printed.split('\n').map((line) => line.trim());
  let at = 0;
  for (const line of promised
    .split('\n')
    .map((each) => each.trim())
    .filter((each) => each !== '')) {
    const pattern = new RegExp(`^${line.split('…').map(escaped).join('.*')}$`);
    const found = lines.findIndex((each, place) => place >= at && pattern.test(each));
    if (found < 0) return false;
    at = found + 1;
  }
  return true;
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

interface Fence {
  readonly indent: number;
  readonly mark: string;
  readonly info: string;
}

function readFence(line: string): Fence | null {
  const [, indent = '', mark = '', info = ''] = /^( *)(`{3,}|~{3,}) *([^`]*)$/.exec(line) ?? [];
  return mark === '' ? null : { indent: indent.length, mark, info: info.trim() };
}

function closes(line: string, { mark }: Fence): boolean {
  const trimmed = line.trim();
  return trimmed.length >= mark.length && trimmed === mark.charAt(0).repeat(trimmed.length);
}

function dedent(line: string, indent: number): string {
  return line.slice(0, indent).trim() === '' ? line.slice(indent) : line;
}

/** Gives each `output` block to the block before it, when nothing but blank lines and one sentence lie between. */
function withOutputs(blocks: readonly CodeBlock[], lines: readonly string[]): readonly CodeBlock[] {
  return blocks
    .map((block, place) => {
      const next = blocks[place + 1];
      if (next?.language !== 'output') return block;
      const between = lines.slice(block.line - 1 + block.code.split('\n').length + 1, next.line - 2);
      const paragraphs = between.filter((line) => line.trim() !== '').length;
      return paragraphs <= 2 ? { ...block, output: next.code } : block;
    })
    .filter(({ language }) => language !== 'output');
}
