import { fail, ok, type Result } from '../core/index.ts';

/**
 * Says for which briefs an agent runs: plain data, so it can enter a team's digest.
 * `includes`: a list parameter holds the value; `is`: a parameter equals it; `set`: a parameter is there
 * and is not false, zero or empty. Values are compared as text, because a command line knows only text.
 */
export type Condition =
  | { readonly type: 'includes'; readonly param: string; readonly value: string }
  | { readonly type: 'is'; readonly param: string; readonly value: string }
  | { readonly type: 'set'; readonly param: string }
  | { readonly type: 'not'; readonly condition: Condition }
  | { readonly type: 'and' | 'or'; readonly conditions: readonly Condition[] };

interface Token {
  readonly text: string;
  readonly quoted: boolean;
}

/** What one part of the grammar made, and the tokens that are left. */
interface Parsed {
  readonly condition: Condition;
  readonly rest: readonly Token[];
}

const forms = '"VALUE in PARAM", "PARAM is VALUE" or "PARAM", each with "not", joined by "and" or "or"';
const reserved: readonly string[] = Object.freeze(['and', 'or', 'not', 'in', 'is']);

/**
 * Reads a condition such as `x in platforms and tone is not formal`. `and` binds tighter than `or`.
 * Values and parameters are words, or quoted where they hold spaces.
 */
export function parseCondition(text: string): Result<Condition> {
  const tokens = readTokens(text);
  if (!tokens.ok) return tokens;
  if (tokens.value.length === 0) return fail('wrong-team', `the condition is empty; write ${forms}`);
  const parsed = parseJoined('or', tokens.value);
  if (!parsed.ok) return parsed;
  const [extra] = parsed.value.rest;
  if (extra !== undefined) return wrong(`nothing fits "${extra.text}" there`);
  return ok(parsed.value.condition);
}

/** Says whether a brief's parameters fulfil a condition. Defaults must be filled in before. */
export function holds(condition: Condition, params: Readonly<Record<string, unknown>>): boolean {
  switch (condition.type) {
    case 'includes':
      return listOf(givenValue(params, condition.param)).includes(condition.value);
    case 'is':
      return isText(givenValue(params, condition.param), condition.value);
    case 'set':
      return isSet(givenValue(params, condition.param));
    case 'not':
      return !holds(condition.condition, params);
    case 'and':
      return condition.conditions.every((part) => holds(part, params));
    case 'or':
      return condition.conditions.some((part) => holds(part, params));
  }
}

/** Names the parameters that a condition asks for, each once, in the order they stand. */
export function conditionParams(condition: Condition): readonly string[] {
  return [...new Set(conditionClaims(condition).map((claim) => claim.param))];
}

/** Lists what a condition says of each parameter, for a check against their schemas. */
export function conditionClaims(condition: Condition): readonly ConditionClaim[] {
  switch (condition.type) {
    case 'includes':
    case 'is':
    case 'set':
      return [condition];
    case 'not':
      return conditionClaims(condition.condition);
    case 'and':
    case 'or':
      return condition.conditions.flatMap(conditionClaims);
  }
}

/** One thing that a condition says of one parameter. */
export type ConditionClaim = Extract<Condition, { readonly param: string }>;

function readTokens(text: string): Result<readonly Token[]> {
  const tokens: Token[] = [];
  const pattern = /\s*(?:"([^"]*)"|'([^']*)'|([^\s"'()]+)|(\S))/gy;
  for (const match of text.trimEnd().matchAll(pattern)) {
    const [, double, single, word, stray] = match;
    if (stray === '(' || stray === ')') return wrong('parentheses are not known here');
    if (stray !== undefined) return wrong(`the quote ${stray} is not closed`);
    tokens.push({ text: double ?? single ?? word ?? '', quoted: word === undefined });
  }
  return ok(tokens);
}

function parseJoined(word: 'or' | 'and', tokens: readonly Token[]): Result<Parsed> {
  const conditions: Condition[] = [];
  let rest = tokens;
  for (;;) {
    const part = word === 'or' ? parseJoined('and', rest) : parseNegated(rest);
    if (!part.ok) return part;
    conditions.push(part.value.condition);
    rest = part.value.rest;
    if (!isWord(rest[0], word)) break;
    rest = rest.slice(1);
  }
  const [only] = conditions;
  const single = conditions.length === 1 && only !== undefined;
  return ok({ condition: single ? only : { type: word, conditions }, rest });
}

function parseNegated(tokens: readonly Token[]): Result<Parsed> {
  if (!isWord(tokens[0], 'not')) return parseClaim(tokens);
  const claim = parseClaim(tokens.slice(1));
  return claim.ok ? ok({ ...claim.value, condition: not(claim.value.condition) }) : claim;
}

function parseClaim(tokens: readonly Token[]): Result<Parsed> {
  const [first, second, third] = tokens;
  const name = operand(first, 'a value or a parameter');
  if (!name.ok) return name;
  if (isWord(second, 'in')) return parseIncludes(name.value, tokens.slice(2));
  if (isWord(second, 'not') && isWord(third, 'in')) {
    const claim = parseIncludes(name.value, tokens.slice(3));
    return claim.ok ? ok({ ...claim.value, condition: not(claim.value.condition) }) : claim;
  }
  if (isWord(second, 'is')) return parseIs(name.value, tokens.slice(2));
  return ok({ condition: { type: 'set', param: name.value }, rest: tokens.slice(1) });
}

function parseIncludes(value: string, tokens: readonly Token[]): Result<Parsed> {
  const param = operand(tokens[0], 'a parameter after "in"');
  if (!param.ok) return param;
  return ok({ condition: { type: 'includes', param: param.value, value }, rest: tokens.slice(1) });
}

function parseIs(param: string, tokens: readonly Token[]): Result<Parsed> {
  const negated = isWord(tokens[0], 'not');
  const left = negated ? tokens.slice(1) : tokens;
  const value = operand(left[0], 'a value after "is"');
  if (!value.ok) return value;
  const condition: Condition = { type: 'is', param, value: value.value };
  return ok({ condition: negated ? not(condition) : condition, rest: left.slice(1) });
}

function operand(token: Token | undefined, expected: string): Result<string> {
  if (token === undefined) return wrong(`${expected} is missing at the end`);
  if (!token.quoted && reserved.includes(token.text))
    return wrong(`${expected} is missing before "${token.text}"`);
  return ok(token.text);
}

function wrong(reason: string): Result<never> {
  return fail('wrong-team', `${reason}; write ${forms}`);
}

function not(condition: Condition): Condition {
  return { type: 'not', condition };
}

function isWord(token: Token | undefined, word: string): boolean {
  return token !== undefined && !token.quoted && token.text === word;
}

function givenValue(params: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(params, name) ? params[name] : undefined;
}

function listOf(value: unknown): readonly string[] {
  return (Array.isArray(value) ? value : [value]).flatMap((one) => textOf(one) ?? []);
}

function isText(value: unknown, text: string): boolean {
  return textOf(value) === text;
}

/** Null for what no word can equal: nothing, lists and objects. */
function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
}

function isSet(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}
