import type { Content } from '../extract/content.ts';
import {
  renderCode,
  renderHtml,
  renderJson,
  renderJsonLines,
  renderTable,
  renderYaml,
} from './record-forms.ts';
import { renderMarkdown, renderText } from './text-forms.ts';

/** How files of one kind are written. */
export interface Form {
  /** Languages of a fence that shows a template for it. */
  readonly languages: readonly string[];
  /** Always gives a valid file of the kind, with at least one line. */
  render(content: Content): string;
}

const prose: readonly string[] = ['md', 'markdown', 'text', 'txt', ''];

/** The form of a file, by its extension; plain text where it says nothing. */
export function formOf(path: string): Form {
  const extension = /\.([^./]+)$/.exec(path)?.[1]?.toLowerCase() ?? '';
  const comment = commentMarks[extension];
  if (comment !== undefined) return { languages: [], render: (content) => renderCode(content, comment) };
  return forms[extension] ?? { languages: prose, render: renderText };
}

const markdown: Form = { languages: prose, render: renderMarkdown };
const html: Form = { languages: [], render: renderHtml };
const yaml: Form = { languages: [], render: renderYaml };
const jsonLines: Form = { languages: [], render: renderJsonLines };

const forms: Readonly<Record<string, Form>> = {
  md: markdown,
  markdown,
  mdx: markdown,
  json: { languages: ['json'], render: renderJson },
  jsonl: jsonLines,
  ndjson: jsonLines,
  csv: { languages: ['csv'], render: (content) => renderTable(content, ',') },
  tsv: { languages: ['tsv'], render: (content) => renderTable(content, '\t') },
  yaml,
  yml: yaml,
  html,
  htm: html,
};

/** Files of code hold an extract as comments, which leaves them valid. */
const commentMarks: Readonly<Record<string, string>> = Object.fromEntries([
  ...['ts', 'js', 'mjs', 'mts', 'go', 'rs', 'java', 'c', 'h', 'cpp', 'cs', 'swift', 'kt', 'scala'].map(
    (name) => [name, '//'],
  ),
  ...['py', 'rb', 'sh', 'bash', 'toml', 'r', 'pl', 'env'].map((name) => [name, '#']),
  ...['sql', 'lua', 'hs'].map((name) => [name, '--']),
]);
