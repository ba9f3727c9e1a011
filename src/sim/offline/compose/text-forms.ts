import { attribution } from '../extract/clean-source.ts';
import type { Check, Content } from '../extract/content.ts';
import { countWords, cutAtWord } from '../extract/cut-text.ts';
import type { Extract } from '../extract/unit.ts';
import { fillTemplate } from './fill-template.ts';

const checkLengthMax = 600;
const checksLengthMax = 6_000;
const titleLengthMax = 90;

/** Writes markdown: the agent's own template filled, or a title and bullets under the sources' headings. */
export function renderMarkdown(content: Content): string {
  const checks = checkSections(content);
  const comment = `<!-- ${attribution} -->`;
  const body = content.template === null ? outlined(content) : filled(content, content.template.text);
  return `${joined([withinLimits(body, content, [checks, comment]), checks, comment])}\n`;
}

/** Writes plain text: the agent's own template filled, or one paragraph for each extract. */
export function renderText(content: Content): string {
  const { title, picks, template } = content;
  const paragraphs = [
    shortTitle(title),
    ...(picks.length > 0 ? picks.map(({ text }) => text) : [instead(content)]),
  ];
  const body = template === null ? paragraphs.join('\n\n') : filled(content, template.text);
  const checks = cappedChecks(content)
    .map((check) => `${check.title}\n\n${check.text}`)
    .join('\n\n');
  return `${joined([withinLimits(body, content, [checks, attribution]), checks, attribution])}\n`;
}

/** Said in place of extracts when there are none. */
export const nothingRead = 'There was no text to extract from.';

/** Stands where the extracts of an agent would stand that has asked tools: their answers follow. */
const toolsAnswered =
  'What the tools answered follows. Nothing else was checked: that takes a language model.';

function instead({ checks }: Content): string {
  return checks.length > 0 ? toolsAnswered : nothingRead;
}

/** What tools answered, verbatim, the longer ones cut at a line. */
export function cappedChecks({ checks, limits }: Content): readonly Check[] {
  const wordsLeft = limits.wordsMax === null ? Number.POSITIVE_INFINITY : Math.floor(limits.wordsMax / 3);
  const lengthMax = Math.min(checkLengthMax, Math.floor(checksLengthMax / Math.max(1, checks.length)));
  const wordsEach = wordsLeft / Math.max(1, checks.length);
  return checks.map(({ title, text }) => ({
    title,
    text: withinWords(cutAtLine(text.trim(), lengthMax), wordsEach),
  }));
}

function outlined(content: Content): string {
  const { title, picks, limits } = content;
  const heading = `# ${shortTitle(title)}`;
  if (picks.length === 0) return `${heading}\n\n${instead(content)}`;
  const bullets = picks.map((pick) => ({ pick, line: `- ${quoted(pick)}` }));
  if (limits.paragraphLengthMax !== null) {
    return [heading, ...picks.map(quoted)].join('\n\n');
  }
  const groups = Map.groupBy(bullets, ({ pick }) => pick.heading ?? '');
  const named = [...groups].filter(([name]) => name !== '' && name !== title);
  if (named.length < 2) return `${heading}\n\n${bullets.map(({ line }) => line).join('\n')}`;
  const sections = [...groups].map(([name, members]) => {
    const lines = members.map(({ line }) => line).join('\n');
    return name === '' || name === title ? lines : `## ${shortTitle(name)}\n\n${lines}`;
  });
  return [heading, ...sections].join('\n\n');
}

/** Code stands in code marks, longer than any run of them within it. */
function quoted({ kind, text }: Extract): string {
  if (kind !== 'code') return text;
  const mark = '`'.repeat(longestRun(text) + 1);
  const space = text.startsWith('`') || text.endsWith('`') ? ' ' : '';
  return `${mark}${space}${text}${space}${mark}`;
}

function filled({ supply, files, limits }: Content, template: string): string {
  return fillTemplate(template, { supply, files, paragraphLengthMax: limits.paragraphLengthMax });
}

function checkSections(content: Content): string {
  return cappedChecks(content)
    .map(({ title, text }) => {
      const fence = '`'.repeat(Math.max(3, longestRun(text) + 1));
      return `## ${title}\n\n${fence}text\n${text}\n${fence}`;
    })
    .join('\n\n');
}

function longestRun(text: string): number {
  return Math.max(0, ...(text.match(/`+/g) ?? []).map(({ length }) => length));
}

/** Holds a body to what its agent was told; the rest of the artifact takes its share of the words. */
function withinLimits(body: string, { limits }: Content, rest: readonly string[]): string {
  const { paragraphLengthMax, wordsMax } = limits;
  const short = paragraphLengthMax === null ? body : withinParagraphs(body, paragraphLengthMax);
  if (wordsMax === null) return short;
  return withinWords(short, Math.max(1, wordsMax - rest.reduce((words, part) => words + wordsIn(part), 0)));
}

/** Paragraphs that are too long are parted into their lines, and those are cut. */
function withinParagraphs(body: string, lengthMax: number): string {
  return body
    .split(/\n{2,}/)
    .flatMap((paragraph) => (paragraph.length <= lengthMax ? [paragraph] : paragraph.split('\n')))
    .map((paragraph) => cutAtWord(paragraph, lengthMax))
    .filter((paragraph) => paragraph !== '')
    .join('\n\n');
}

function withinWords(text: string, wordsMax: number): string {
  const lines = text.split('\n');
  const kept: string[] = [];
  let words = 0;
  for (const line of lines) {
    const left = wordsMax - words;
    const whole = wordsIn(line);
    if (whole > left && left >= 1) kept.push(firstWords(line, left));
    if (whole > left) break;
    kept.push(line);
    words += whole;
  }
  return kept.join('\n').trimEnd();
}

function firstWords(line: string, wordsMax: number): string {
  let kept = line;
  while (kept !== '' && wordsIn(kept) > wordsMax) {
    kept = cutAtWord(kept, Math.floor(kept.length * Math.min(0.95, wordsMax / wordsIn(kept))));
  }
  return kept;
}

/** Some count what white space parts, some count runs of letters: the larger number is safe with both. */
function wordsIn(text: string): number {
  return Math.max(countWords(text), text.split(/\s+/).filter((word) => word !== '').length);
}

function cutAtLine(text: string, lengthMax: number): string {
  if (text.length <= lengthMax) return text;
  const head = text.slice(0, lengthMax);
  const end = head.lastIndexOf('\n');
  return end > lengthMax / 2 ? head.slice(0, end).trimEnd() : cutAtWord(text, lengthMax);
}

function shortTitle(title: string): string {
  return cutAtWord(title, titleLengthMax) || [...title].slice(0, titleLengthMax / 2).join('');
}

function joined(parts: readonly string[]): string {
  return parts
    .map((part) => part.trimEnd())
    .filter((part) => part !== '')
    .join('\n\n');
}
