import ts from 'typescript';
import { type NamedText, nodesOf, placeOf, type Source } from './source.ts';

/** The most lines a file may have: longer means two ideas. */
export const linesMax = 400;

/** A pattern that no line of the project may match. */
export interface BannedWords {
  readonly promise: string;
  readonly pattern: RegExp;
  /** Lines that match, and lines that look alike but are fine. */
  readonly planted: readonly string[];
  readonly innocent: readonly string[];
}

// Every banned word is put together from pieces, so that this file does not contain it.
const task = ['TO', 'DO'].join('');
const place = ['/wo', 'rk/'].join('');
const home = ['/ro', 'ot/'].join('');
const hash = ['#', '12'].join('');
const author = ['Co-Author', 'ed-By'].join('');
const robot = String.fromCodePoint(0x1f916);

/** Words that have no place in what others read. */
export const bannedWords: readonly BannedWords[] = [
  {
    promise: 'leaves no task for later',
    pattern: new RegExp(
      `\\b(?:${task}|${['FIX', 'ME'].join('')}|${['XX', 'X'].join('')}|${['HA', 'CK'].join('')})\\b`,
    ),
    planted: [`// ${task} mend this`, `<!-- ${['FIX', 'ME'].join('')} -->`],
    innocent: ['const todo = 1;', '// no todo tool', 'a hack would be'],
  },
  {
    promise: 'names no path of the machine it was written on',
    pattern: new RegExp(`(?<![\\w.~<>-])(?:${place}|${home})`),
    planted: [`see ${place}main`, `"${home}x"`],
    innocent: [`jobs${place}x`, `.${place}`, '/home/ann/notes.md', '/roots/'],
  },
  {
    promise: 'names no issue by its number',
    pattern: /(?<![\w&/(#|"'])#\d{1,5}(?![\w-])|\b(?:issue|ticket|pull request|PR|GH)[ -]#?\d+/i,
    planted: [`fixes ${hash}`, `see ${['iss', 'ue'].join('')} ${hash}`, `// ${['P', 'R'].join('')} 7`],
    innocent: [
      `[the walk](${hash}-x)`,
      '#!/usr/bin/env node',
      '# 1. Title',
      'color: #123456',
      `(lt|${hash})`,
      `&${hash};`,
    ],
  },
  {
    promise: 'names no host of a private network',
    pattern: new RegExp(
      [
        String.raw`https?://(?!127\.|0\.0\.0\.0)\d+\.\d+\.\d+\.\d+`,
        String.raw`https?://[\w.-]+\.(?:internal|corp|lan|intranet)\b`,
        String.raw`[\w.-]*(?:registry|artifactory|nexus|verdaccio)\.[\w-]+\.[a-z]{2,}`,
      ].join('|'),
    ),
    planted: [
      `${'http:'}//10.0.0.7/x`,
      `${'http:'}//npm.${'internal'}/`,
      `${'https:'}//my-${'registry'}.example.org/`,
      `${'registry'}.example.org`,
    ],
    innocent: ['http://127.0.0.1:11434/v1', 'http://localhost:8080', 'registry.ts'],
  },
  {
    promise: 'speaks of itself alone',
    pattern: new RegExp(`${author}|${robot}`, 'iu'),
    planted: [`${author}: someone`, robot],
    innocent: ['the author of a team'],
  },
];

/** Finds the lines that match a banned pattern. */
export function findBanned({ pattern }: BannedWords, { path, text }: NamedText): readonly string[] {
  return text
    .split('\n')
    .flatMap((line, before) => (pattern.test(line) ? [`${path}:${before + 1} ${line.trim()}`] : []));
}

/** Finds files that are too long. */
export function findLong({ path, text }: NamedText): readonly string[] {
  const lines = text.trimEnd().split('\n').length;
  return lines <= linesMax ? [] : [`${path} has ${lines} lines, at most ${linesMax}`];
}

/** Finds files named after nothing in particular, or not in kebab-case. */
export function findMisnamed({ path }: NamedText): readonly string[] {
  const name = path.split('/').at(-1) ?? '';
  if (!/^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.test|\.config)?\.ts$/.test(name))
    return [`${path} is not in kebab-case`];
  const vague = /(?:^|\/)(?:utils?|helpers?|common|types|misc|shared)(?:\/|\.(?:test\.)?ts$)/;
  return vague.test(path) ? [`${path} says nothing of what is in it`] : [];
}

const runners: ReadonlySet<string> = new Set(['it', 'test', 'describe', 'suite', 'bench']);
const switches: ReadonlySet<string> = new Set(['skip', 'only', 'todo']);

/** Finds tests that are switched off, or that switch the others off. */
export function findSwitchedOff(source: Source): readonly string[] {
  return nodesOf(source.file).flatMap((node) => {
    if (!ts.isPropertyAccessExpression(node) || !switches.has(node.name.text)) return [];
    let first: ts.Expression = node.expression;
    while (ts.isPropertyAccessExpression(first) || ts.isCallExpression(first)) first = first.expression;
    const isRunner = ts.isIdentifier(first) && runners.has(first.text);
    return isRunner ? [`${placeOf(source, node)} ${node.getText()}`] : [];
  });
}
