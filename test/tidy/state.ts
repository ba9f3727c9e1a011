import ts from 'typescript';
import { placeOf, type Source } from './source.ts';

/** What can be changed by whoever holds it, unless its type says otherwise. */
const containers: ReadonlySet<string> = new Set([
  'Array',
  'AsyncLocalStorage',
  'EventEmitter',
  'Map',
  'Set',
  'WeakMap',
  'WeakSet',
]);

/** Finds state that lives as long as the module: `let`, and collections that can be changed. */
export function findModuleState(source: Source): readonly string[] {
  return source.file.statements
    .filter((node) => ts.isVariableStatement(node))
    .flatMap(({ declarationList }) =>
      declarationList.declarations.map((each) => ({ each, list: declarationList })),
    )
    .flatMap(({ each, list }) => {
      const place = `${placeOf(source, each)} ${each.name.getText()}`;
      if ((list.flags & ts.NodeFlags.Const) === 0) return [`${place} is a variable of the module`];
      return isMutable(each) ? [`${place} can be changed: freeze it, or give it a readonly type`] : [];
    });
}

function isMutable({ type, initializer }: ts.VariableDeclaration): boolean {
  if (initializer === undefined || (type !== undefined && isReadonlyType(type))) return false;
  const value = withoutWrapping(initializer);
  if (value === null) return false;
  if (ts.isNewExpression(value))
    return ts.isIdentifier(value.expression) && containers.has(value.expression.text);
  if (ts.isArrayLiteralExpression(value)) return true;
  // A table written out is data; an empty one waits to be filled.
  return ts.isObjectLiteralExpression(value) && value.properties.length === 0;
}

function isReadonlyType(type: ts.TypeNode): boolean {
  if (ts.isTypeOperatorNode(type)) return type.operator === ts.SyntaxKind.ReadonlyKeyword;
  return ts.isTypeReferenceNode(type) && type.typeName.getText().startsWith('Readonly');
}

/** The value inside `( )`, `satisfies` and `as`; null when `as const` makes it unchangeable. */
function withoutWrapping(expression: ts.Expression): ts.Expression | null {
  if (ts.isAsExpression(expression)) {
    if (ts.isConstTypeReference(expression.type) || isReadonlyType(expression.type)) return null;
    return withoutWrapping(expression.expression);
  }
  if (ts.isSatisfiesExpression(expression) || ts.isParenthesizedExpression(expression)) {
    return withoutWrapping(expression.expression);
  }
  return expression;
}
