import { isJsonObject, type Json } from '../../../core/index.ts';
import { attribution } from '../extract/clean-source.ts';
import type { Content } from '../extract/content.ts';
import { cappedChecks, nothingRead } from './text-forms.ts';

/** Writes JSON: shaped like the agent's own example, or as title, extracts and checks. */
export function renderJson(content: Content): string {
  const example = exampleOf(content);
  const value = example === undefined ? recordOf(content) : fillExample(example, content);
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** Writes one JSON object a line. */
export function renderJsonLines(content: Content): string {
  return `${rowsOf(content)
    .map((row) => JSON.stringify(row))
    .join('\n')}\n`;
}

/** Writes YAML. Its strings are JSON strings, which YAML reads as they are. */
export function renderYaml(content: Content): string {
  const { title, extracts, checks } = recordOf(content);
  const rows = extracts.map(({ source, text }) => `  - source: ${scalar(source)}\n    text: ${scalar(text)}`);
  const answers = checks.map(
    (check) => `  - question: ${scalar(check.question)}\n    answer: ${scalar(check.answer)}`,
  );
  const tail = answers.length === 0 ? '' : `checks:\n${answers.join('\n')}\n`;
  return `title: ${scalar(title)}\nextracts:\n${rows.join('\n')}\n${tail}`;
}

/** Writes a table of separated values (RFC 4180). Columns are those of the agent's own example, if any. */
export function renderTable(content: Content, separator: ',' | '\t'): string {
  const header = content.template?.text.trim().split('\n')[0] ?? '';
  const columns = header.includes(separator)
    ? header.split(separator).map((name) => name.trim())
    : ['source', 'text'];
  const records = rowsOf(content).map(({ source, text }) =>
    columns.map((name) =>
      /^(?:source|file|path)$/i.test(name) ? source : name === 'text' ? text : content.supply.fill(name),
    ),
  );
  return `${[columns, ...records].map((record) => record.map((cell) => cellOf(cell, separator)).join(separator)).join('\r\n')}\r\n`;
}

/** Writes a whole HTML page. */
export function renderHtml(content: Content): string {
  const { title, extracts, checks } = recordOf(content);
  const items = extracts.map(({ text }) => `<li>${escaped(text)}</li>`).join('\n');
  const sections = checks
    .map(({ question, answer }) => `<h2>${escaped(question)}</h2>\n<pre>${escaped(answer)}</pre>\n`)
    .join('');
  return `<!doctype html>
<html>
<head>
<meta charset="utf-8">
<title>${escaped(title)}</title>
</head>
<body>
<h1>${escaped(title)}</h1>
<ul>
${items}
</ul>
${sections}</body>
</html>
<!-- ${attribution} -->
`;
}

/** Writes lines of comment, so that a file of code stays valid. */
export function renderCode(content: Content, mark: string): string {
  const { title, extracts } = recordOf(content);
  const lines = [title, ...extracts.map(({ text }) => text), attribution];
  return `${lines.map((line) => `${mark} ${line}`).join('\n')}\n`;
}

interface ExtractRow {
  readonly source: string;
  readonly text: string;
}

function rowsOf({ picks, path }: Content): readonly ExtractRow[] {
  if (picks.length === 0) return [{ source: path, text: nothingRead }];
  return picks.map(({ path: source, text }) => ({ source, text: text.toWellFormed() }));
}

function recordOf(content: Content) {
  return {
    title: content.title.toWellFormed(),
    extracts: rowsOf(content),
    checks: cappedChecks(content).map(({ title, text }) => ({
      question: title,
      answer: text.toWellFormed(),
    })),
  };
}

function exampleOf({ template }: Content): Json | undefined {
  if (template === null) return undefined;
  try {
    return JSON.parse(template.text) as Json;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Items of a list that its example shows once. */
const listItems = 3;

function fillExample(example: Json, content: Content, label = ''): Json {
  if (typeof example === 'string') return content.supply.fill(`${label} ${example}`.trim()).toWellFormed();
  if (Array.isArray(example)) {
    const [first] = example;
    if (first === undefined) return [];
    return Array.from({ length: listItems }, () => fillExample(first, content, label));
  }
  if (!isJsonObject(example)) return example;
  return Object.fromEntries(
    Object.entries(example).map(([key, value]) => [key, fillExample(value, content, key)]),
  );
}

function scalar(text: string): string {
  return JSON.stringify(text.toWellFormed()).replace(
    /[\u007F-\u009F\u2028\u2029\uFEFF\uFFFE\uFFFF]/g,
    (character) => {
      return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
    },
  );
}

function cellOf(text: string, separator: string): string {
  const needsQuotes = text.includes(separator) || /["\r\n]/.test(text) || /^\s|\s$/.test(text);
  return needsQuotes ? `"${text.replaceAll('"', '""')}"` : text;
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
