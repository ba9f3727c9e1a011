/** A call of the command line as a page shows it. */
export interface CommandLine {
  /** The subcommand, such as `run` or `jobs list`; empty for `inspan --help`. */
  readonly command: string;
  /** Its flags without their values, such as `--param`. */
  readonly flags: readonly string[];
  readonly text: string;
}

/** First words of commands of two. */
const groups: ReadonlySet<string> = new Set(['jobs', 'keys', 'store']);

/** Finds the calls of `inspan` in a shell block: prompts, comments, continuations and variables are understood. */
export function readCommandLines(code: string): readonly CommandLine[] {
  return code
    .replace(/\\\n/g, ' ')
    .split('\n')
    .flatMap((line) => withoutComment(line.replace(/^\s*\$ /, '')).split(/&&|\|\|?|;/))
    .flatMap((text) => {
      const called = /^\s*(?:\w+=\S*\s+)*(?:npx\s+(?:--?[\w-]+\s+)*)?inspan(?=\s|$)(.*)$/.exec(text)?.[1];
      if (called === undefined) return [];
      const words = withoutQuoted(called).trim().split(/\s+/);
      const [first = '', second = ''] = words;
      const flags = words.filter((word) => /^--?[a-z]/.test(word)).map((word) => word.replace(/=.*$/, ''));
      const command = groups.has(first) ? `${first} ${second}` : first;
      return [{ command: first.startsWith('-') ? '' : command, flags, text: text.trim() }];
    });
}

/** Leaves out what only a person at the project's root does first, or what the tests themselves are. */
export function runnableLines(code: string): string {
  return code
    .split('\n')
    .map((line) => line.replace(/^\s*\$ /, ''))
    .filter((line) => !/^\s*(?:npm (?:ci|i|install|test|run check)\b|git clone\b|cd inspan\b)/.test(line))
    .join('\n');
}

function withoutComment(line: string): string {
  return line.replace(/(^|\s)#.*$/, '');
}

function withoutQuoted(text: string): string {
  return text.replace(/"[^"]*"|'[^']*'/g, 'quoted');
}
