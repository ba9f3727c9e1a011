import { fail, ok, type Result, type ScopeRules } from '../core/index.ts';
import { quotePath } from './path.ts';
import { compileRule, type MatchPath } from './rule.ts';

/** One narrowing of a view, compiled once. */
export interface Scope {
  readonly rules: ScopeRules;
  readonly reads: MatchPath;
  readonly writes: MatchPath;
}

/** Rules named in one message: enough for any agent, short enough to read. */
const rulesNamedMax = 20;

/** Compiles the rules of a scope. A rule that `checkRule` refuses allows nothing. */
export function compileScope(rules: ScopeRules): Scope {
  const reads = rules.reads.map(compileRule);
  const writes = rules.writes.map(compileRule);
  const mayWrite: MatchPath = (path) => writes.some((matches) => matches(path));
  return {
    rules,
    writes: mayWrite,
    reads: (path) => mayWrite(path) || reads.some((matches) => matches(path)),
  };
}

/** Says whether every scope lets a path be read. */
export function mayRead(scopes: readonly Scope[], path: string): boolean {
  return scopes.every((scope) => scope.reads(path));
}

/** Passes a path that every scope lets be read. Else `outside-scope` with what may be read. */
export function checkRead(scopes: readonly Scope[], path: string): Result<string> {
  // The narrowest scope speaks first: its rules are the ones the caller was given.
  const refusing = scopes.findLast((scope) => !scope.reads(path));
  if (refusing === undefined) return ok(path);
  const { reads, writes } = refusing.rules;
  return fail(
    'outside-scope',
    `${quotePath(path)} may not be read here. ${ruleList('read', [...reads, ...writes])}`,
  );
}

/** Passes a path that every scope lets be written. Else `outside-scope` with what may be written. */
export function checkWrite(scopes: readonly Scope[], path: string): Result<string> {
  const refusing = scopes.findLast((scope) => !scope.writes(path));
  if (refusing === undefined) return ok(path);
  return fail(
    'outside-scope',
    `${quotePath(path)} may not be written here. ${ruleList('written', refusing.rules.writes)}`,
  );
}

function ruleList(verb: 'read' | 'written', rules: readonly string[]): string {
  const distinct = [...new Set(rules)];
  if (distinct.length === 0) return `Nothing may be ${verb}.`;
  const named = distinct.slice(0, rulesNamedMax).join(', ');
  const rest = distinct.length - rulesNamedMax;
  return `May be ${verb}: ${named}${rest > 0 ? ` and ${rest} more` : ''}.`;
}
