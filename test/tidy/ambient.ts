import ts from 'typescript';
import { nodesOf, placeOf, type Source } from './source.ts';

const clock = ['src/clock.ts'];
const faces = ['src/cli/'];
/** The client is a library of its own: where it runs, there is nobody to hand these in. */
const client = 'src/client/platform.ts';

/**
 * What reaches outside a function without being handed in, and the only files (or folders) that may use it.
 * `a.b` is looked up before `a`.
 */
export const homes: Readonly<Record<string, readonly string[]>> = Object.freeze({
  'Date.now': [...clock, client],
  'new Date()': clock,
  performance: clock,
  setTimeout: [...clock, client],
  setInterval: clock,
  // A deadline on a socket: no clock that is moved by hand could move it.
  'AbortSignal.timeout': [...clock, 'src/models/ollama.ts', 'src/models/wire/provider-call.ts'],
  'Math.random': ['src/house.ts', 'src/service.ts', client],
  'crypto.randomUUID': ['src/service.ts'],
  'crypto.getRandomValues': ['src/service.ts', client],
  randomUUID: ['src/service.ts'],
  randomBytes: ['src/job-id.ts', 'src/service.ts'],
  randomInt: ['src/service.ts'],
  // What speaks to providers uses the given fetch, else the platform's.
  fetch: [
    client,
    'src/inspan.ts',
    'src/choose-models.ts',
    'src/models/anthropic/anthropic.ts',
    'src/models/openai/client.ts',
  ],
  'process.env': [...faces, 'src/house.ts', 'src/service.ts'],
  process: [...faces, 'src/storage.ts'],
  console: faces,
});

/** Modules of Node through which the same words come in. */
const doors: ReadonlySet<string> = new Set([
  'node:console',
  'node:crypto',
  'node:perf_hooks',
  'node:process',
  'node:timers',
  'node:timers/promises',
]);

/** What an identifier must be called to be worth a look. */
const firstWords: ReadonlySet<string> = new Set([
  'Date',
  'globalThis',
  ...Object.keys(homes).map((word) => word.replace(/\..*$/, '')),
]);

/** Finds clock, randomness, environment, network and console outside their homes. */
export function findAmbient(source: Source): readonly string[] {
  return nodesOf(source.file)
    .flatMap((node) => wordsAt(node, source.checker).map((word) => ({ node, word })))
    .filter(({ word }) => Object.hasOwn(homes, word) && !isAtHome(word, source.path))
    .map(
      ({ node, word }) => `${placeOf(source, node)} uses ${word}, which lives in ${homes[word]?.join(', ')}`,
    );
}

function isAtHome(word: string, path: string): boolean {
  return (homes[word] ?? []).some((home) => path === home || (home.endsWith('/') && path.startsWith(home)));
}

function wordsAt(node: ts.Node, checker: ts.TypeChecker): readonly string[] {
  if (ts.isImportDeclaration(node)) return wordsImported(node);
  if (!ts.isIdentifier(node) || !isGlobal(node, checker)) return [];
  const word = wordUsed(node);
  return word === null ? [] : [word];
}

function wordsImported({ moduleSpecifier, importClause }: ts.ImportDeclaration): readonly string[] {
  if (!ts.isStringLiteral(moduleSpecifier) || !doors.has(moduleSpecifier.text)) return [];
  const bindings = importClause?.namedBindings;
  // A default or namespace import brings the whole module: it stands for the module's own name.
  const whole = moduleSpecifier.text.replace('node:', '').split('/')[0] ?? '';
  if (bindings === undefined || ts.isNamespaceImport(bindings)) return [whole];
  return [
    ...(importClause?.name === undefined ? [] : [whole]),
    ...bindings.elements.map(({ name, propertyName }) => (propertyName ?? name).text),
  ].map((name) => (whole === 'process' ? (name === 'env' ? 'process.env' : 'process') : name));
}

/** Says whether an identifier is a value that nothing in its file declares. */
function isGlobal(node: ts.Identifier, checker: ts.TypeChecker): boolean {
  if (!firstWords.has(node.text) || isOnlyName(node)) return false;
  if (ts.isPartOfTypeNode(node) || ts.findAncestor(node, ts.isTypeQueryNode) !== undefined) return false;
  if (node.text === 'globalThis') return true;
  return !checker.getSymbolsInScope(node, ts.SymbolFlags.Value).some(({ name }) => name === node.text);
}

/** `a` in `{ a: 1 }`, `x.a`, `{ a: b } = x` and declarations names something; it is no value itself. */
function isOnlyName(node: ts.Identifier): boolean {
  if (ts.isShorthandPropertyAssignment(node.parent)) return false;
  const { name, propertyName } = node.parent as { readonly name?: ts.Node; readonly propertyName?: ts.Node };
  return name === node || propertyName === node;
}

/** The word of `homes` that an identifier stands for: `Date.now`, `new Date()`, `fetch` … */
function wordUsed(node: ts.Identifier): string | null {
  const path = pathFrom(node);
  const [first = '', second] = path[0] === 'globalThis' ? path.slice(1) : path;
  if (first === 'Date' && second === undefined) return isDateNow(node) ? 'new Date()' : null;
  const long = `${first}.${second}`;
  return Object.hasOwn(homes, long) ? long : first;
}

function pathFrom(node: ts.Identifier): readonly string[] {
  const names = [node.text];
  for (let at: ts.Node = node; ts.isPropertyAccessExpression(at.parent) && at.parent.expression === at; ) {
    names.push(at.parent.name.text);
    at = at.parent;
  }
  return names;
}

/** `new Date(ms)` only converts; without arguments it asks the time. */
function isDateNow({ parent }: ts.Identifier): boolean {
  if (ts.isNewExpression(parent)) return (parent.arguments ?? []).length === 0;
  return ts.isCallExpression(parent);
}
