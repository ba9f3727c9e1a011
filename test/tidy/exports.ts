import ts from 'typescript';
import { placeOf, type Source } from './source.ts';

/** The most words the first sentence of a docstring may have. */
export const wordsMax = 15;

/** Finds exported names whose docstring is missing or does not begin with a short sentence. */
export function findUndocumented(source: Source): readonly string[] {
  return exported(source.file).flatMap((node) => {
    const place = `${placeOf(source, node)} ${nameOf(node)}`;
    const sentence = firstSentence(node);
    if (sentence === null) return [`${place} has no docstring`];
    const words = sentence.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length;
    return words <= wordsMax
      ? []
      : [`${place} begins with ${words} words, at most ${wordsMax}: "${sentence}"`];
  });
}

/** Finds default exports, `export *` and imports that are only there for what they do. */
export function findWildExports(source: Source): readonly string[] {
  return source.file.statements.flatMap((node) => {
    const place = placeOf(source, node);
    if (ts.isExportAssignment(node)) return [`${place} is a default export`];
    if (hasModifier(node, ts.SyntaxKind.DefaultKeyword)) return [`${place} is a default export`];
    if (ts.isExportDeclaration(node)) return findInExportList(node, place);
    if (ts.isImportDeclaration(node) && node.importClause === undefined)
      return [`${place} imports for a side effect`];
    return [];
  });
}

function findInExportList({ exportClause }: ts.ExportDeclaration, place: string): readonly string[] {
  if (exportClause === undefined) return [`${place} exports *: name what leaves the room`];
  if (ts.isNamespaceExport(exportClause)) return [`${place} exports a namespace: name what leaves the room`];
  const isDefault = exportClause.elements.some(({ name }) => name.text === 'default');
  return isDefault ? [`${place} is a default export`] : [];
}

/** Declarations that a file exports itself; what it passes on is documented where it is declared. */
function exported(file: ts.SourceFile): readonly ts.Statement[] {
  const listed = new Set(
    file.statements
      .filter((node) => ts.isExportDeclaration(node))
      .filter(({ moduleSpecifier }) => moduleSpecifier === undefined)
      .flatMap(({ exportClause }) =>
        exportClause !== undefined && ts.isNamedExports(exportClause) ? [...exportClause.elements] : [],
      )
      .map(({ name, propertyName }) => (propertyName ?? name).text),
  );
  const all = file.statements.filter(
    (node) => hasModifier(node, ts.SyntaxKind.ExportKeyword) || listed.has(nameOf(node)),
  );
  // Of overloads only the first carries the docstring.
  return all.filter((node, place) => {
    const before = all[place - 1];
    return !(ts.isFunctionDeclaration(node) && before !== undefined && nameOf(before) === nameOf(node));
  });
}

function hasModifier(node: ts.Statement, kind: ts.SyntaxKind): boolean {
  return (
    ts.canHaveModifiers(node) && (ts.getModifiers(node) ?? []).some((modifier) => modifier.kind === kind)
  );
}

function nameOf(node: ts.Statement): string {
  if (ts.isVariableStatement(node)) {
    return node.declarationList.declarations.map(({ name }) => name.getText()).join(', ');
  }
  const { name } = node as { readonly name?: ts.Node };
  return name === undefined ? '' : name.getText();
}

function firstSentence(node: ts.Statement): string | null {
  const doc = ts.getJSDocCommentsAndTags(node).findLast((part) => ts.isJSDoc(part));
  const text = ts.getTextOfJSDocComment(doc?.comment)?.trim();
  if (text === undefined || text === '') return null;
  const [paragraph = ''] = text.split(/\n\s*\n/);
  // A colon or semicolon ends it too: what follows lists, explains or adds.
  return /^[\s\S]*?[.!?:;](?=\s|$)/.exec(paragraph)?.[0] ?? paragraph;
}
