import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import ts from 'typescript';

/** A TypeScript file that was read and bound, but not type-checked. */
export interface Source {
  /** From the project's root, with `/`. */
  readonly path: string;
  readonly file: ts.SourceFile;
  readonly checker: ts.TypeChecker;
}

/** What a file is called and what it says. */
export interface NamedText {
  readonly path: string;
  readonly text: string;
}

/** What nobody wrote by hand, or nobody keeps. */
const notOurs: ReadonlySet<string> = new Set(['node_modules', 'dist', '.git', '.inspan', 'inspan-out']);

/** Reads every text file of the project, in a fixed order. */
export function readTexts(root: string): readonly NamedText[] {
  return walk(root)
    .map((path) => ({ path: relative(root, path).split(sep).join('/'), text: readFileSync(path, 'utf8') }))
    .filter(({ text }) => !text.includes('\0'));
}

function walk(directory: string): readonly string[] {
  const entries = readdirSync(directory, { withFileTypes: true }).toSorted((a, b) =>
    a.name < b.name ? -1 : 1,
  );
  return entries.flatMap((entry) => {
    const path = join(directory, entry.name);
    if (notOurs.has(entry.name) || entry.name.endsWith('.tgz')) return [];
    if (entry.isDirectory()) return walk(path);
    return entry.isFile() ? [path] : [];
  });
}

/** Binds TypeScript files without any library: a name that nothing declares is then a global. */
export function bindSources(texts: readonly NamedText[]): readonly Source[] {
  const files = new Map(
    texts.map(({ path, text }) => [path, ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true)]),
  );
  const host: ts.CompilerHost = {
    getSourceFile: (path) => files.get(path),
    fileExists: (path) => files.has(path),
    readFile: (path) => files.get(path)?.text,
    writeFile: () => undefined,
    getDefaultLibFileName: () => 'none.d.ts',
    getCurrentDirectory: () => '',
    getCanonicalFileName: (path) => path,
    useCaseSensitiveFileNames: () => true,
    getNewLine: () => '\n',
  };
  const options: ts.CompilerOptions = {
    noLib: true,
    noResolve: true,
    types: [],
    target: ts.ScriptTarget.ESNext,
    moduleDetection: ts.ModuleDetectionKind.Force,
  };
  const checker = ts.createProgram({ rootNames: [...files.keys()], options, host }).getTypeChecker();
  return [...files].map(([path, file]) => ({ path, file, checker }));
}

/** Every node of a file, parents first. */
export function nodesOf(file: ts.SourceFile): readonly ts.Node[] {
  const nodes: ts.Node[] = [];
  const visit = (node: ts.Node): void => {
    nodes.push(node);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return nodes;
}

/** Says where a node stands, as `path:line`. */
export function placeOf({ path, file }: Source, node: ts.Node): string {
  return `${path}:${file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1}`;
}

/** Says whether a file is shipped: in `src`, and no test. */
export function isShipped(path: string): boolean {
  return path.startsWith('src/') && !path.endsWith('.test.ts');
}
