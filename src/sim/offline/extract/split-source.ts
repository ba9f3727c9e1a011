import { cleanSource, withoutMarkers } from './clean-source.ts';
import { readMarkdown } from './read-markdown.ts';
import { collapsed, quotable, type Unit, unitsMax } from './unit.ts';

/**
 * Splits a text of any kind into pieces, in their order: prose and markdown into sentences, list items, table
 * rows and headings; code, logs and records into lines. Never empty for a text with a visible character.
 */
export function splitSource(text: string, path: string): readonly Unit[] {
  const cleaned = cleanSource(text);
  const values = /\.json$/i.test(path) ? stringsOfJson(cleaned) : [];
  const units =
    values.length > 0 ? values : isMadeOfLines(cleaned, path) ? linesOf(cleaned) : readMarkdown(cleaned);
  return (units.length > 0 ? units : linesOf(withoutMarkers(text))).slice(0, unitsMax);
}

const proseEndings = /(?:\.(?:md|markdown|mdx|txt|text|rst|adoc|html?)|(?:^|\/)[^./]*)$/i;
const codeLine =
  /[;{}()[\],=>\\]\s*$|^\s*(?:import|export|const|let|var|function|class|def|return|if|for|while|#include|package|using|fn|pub|func|elif|else|from|type|interface)\b/;

/** Files that are named as code or records are; without a telling name, when most lines look like code. */
function isMadeOfLines(text: string, path: string): boolean {
  if (!proseEndings.test(path)) return true;
  const lines = text
    .split('\n', 400)
    .filter((line) => line.trim() !== '')
    .slice(0, 200);
  if (lines.length < 3 || lines.some((line) => /^#{1,6} |^```/.test(line))) return false;
  return lines.filter((line) => codeLine.test(line)).length > lines.length * 0.55;
}

function linesOf(text: string): readonly Unit[] {
  return text.split('\n').flatMap((line) => quotable(collapsed(line), 'code', null));
}

/** Texts that stand in JSON; its keys and punctuation are no content. */
function stringsOfJson(text: string): readonly Unit[] {
  try {
    return stringsIn(JSON.parse(text)).flatMap((string) => quotable(collapsed(string), 'item', null));
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}

function stringsIn(root: unknown): readonly string[] {
  const strings: string[] = [];
  const open: unknown[] = [root];
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value === 'string') strings.push(value);
    else if (typeof value === 'object' && value !== null)
      open.push(...Object.values(value).slice(0, unitsMax).reverse());
  }
  return strings;
}
