import type { Condition } from '../../team/index.ts';

/** Writes a condition the way `team.yaml` says it. */
export function whenText(condition: Condition): string {
  switch (condition.type) {
    case 'includes':
      return `${word(condition.value)} in ${word(condition.param)}`;
    case 'is':
      return `${word(condition.param)} is ${word(condition.value)}`;
    case 'set':
      return word(condition.param);
    case 'not':
      return negated(condition.condition);
    case 'and':
    case 'or':
      return condition.conditions.map(whenText).join(` ${condition.type} `);
  }
}

function negated(condition: Condition): string {
  if (condition.type === 'includes') return `${word(condition.value)} not in ${word(condition.param)}`;
  if (condition.type === 'is') return `${word(condition.param)} is not ${word(condition.value)}`;
  return `not ${whenText(condition)}`;
}

function word(text: string): string {
  const isPlain = /^[^\s"'()]+$/.test(text) && !['and', 'or', 'not', 'in', 'is'].includes(text);
  if (isPlain) return text;
  return text.includes('"') ? `'${text}'` : `"${text}"`;
}
