import { fail, type Json, ok, type Result } from '../core/index.ts';

/**
 * Reads a list of tool names as people write it: a YAML list, or text with commas or spaces.
 * What stands in parentheses stays with its name: `Bash(git diff:*), Read` is two entries. Nothing at all is an
 * empty list. Fails with `wrong-team`; the caller adds the place.
 */
export function parseToolList(value: Json): Result<readonly string[]> {
  if (value === null) return ok([]);
  const texts = typeof value === 'string' ? [value] : value;
  if (!Array.isArray(texts) || !texts.every((text): text is string => typeof text === 'string')) {
    return fail(
      'wrong-team',
      'Tools must be names: a list, or text with commas or spaces, such as `Read, Grep`.',
    );
  }
  const unbalanced = texts.find((text) => !isBalanced(text));
  if (unbalanced !== undefined) {
    return fail(
      'wrong-team',
      `The parentheses in "${unbalanced}" do not match: write them as in \`Bash(git diff:*)\`.`,
    );
  }
  return ok(texts.flatMap(splitToolNames));
}

/** Splits text at commas and white space that do not stand in parentheses. */
export function splitToolNames(text: string): readonly string[] {
  const names: string[] = [];
  let name = '';
  let depth = 0;
  for (const character of text) {
    if (character === '(') depth += 1;
    if (character === ')') depth = Math.max(0, depth - 1);
    if (depth === 0 && /[,\s]/.test(character)) {
      names.push(name);
      name = '';
    } else {
      name += character;
    }
  }
  return [...names, name].map((each) => each.trim()).filter((each) => each !== '');
}

function isBalanced(text: string): boolean {
  let depth = 0;
  for (const character of text) {
    if (character === '(') depth += 1;
    if (character === ')') depth -= 1;
    if (depth < 0) return false;
  }
  return depth === 0;
}
