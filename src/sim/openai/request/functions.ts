import type { JsonSchema } from '../../../core/index.ts';
import { type Checked, invalid, passed } from '../problem.ts';
import { schemaMistake } from './strict-schema.ts';

/** A function that a request offers. */
export interface OfferedFunction {
  readonly name: string;
  readonly description: string;
  readonly parameters: JsonSchema;
  readonly strict: boolean;
  /** As the client wrote it. */
  readonly written: unknown;
}

/** Checks the schemas of functions. `paramOf` names where the schema of the n-th stands. */
export function checkFunctions(
  functions: readonly OfferedFunction[],
  paramOf: (index: number) => string,
): Checked<readonly OfferedFunction[]> {
  for (const [index, { name: called, parameters, strict }] of functions.entries()) {
    const mistake = Object.keys(parameters).length === 0 ? null : schemaMistake(parameters, strict);
    if (mistake !== null) {
      const message = `Invalid schema for function '${called}': ${mistake}`;
      return invalid(message, paramOf(index), 'invalid_function_parameters');
    }
  }
  return passed(functions);
}

/** Leaves the functions that a tool choice names; null names all. It forces no call: the model decides. */
export function chosenFunctions(
  functions: readonly OfferedFunction[],
  names: readonly string[] | null,
): Checked<readonly OfferedFunction[]> {
  const missing = names?.find((wanted) => functions.every(({ name: offered }) => offered !== wanted));
  if (missing !== undefined) {
    const message = `Invalid value for 'tool_choice': Tool '${missing}' not found in 'tools' parameter.`;
    return invalid(message, 'tool_choice', 'invalid_value');
  }
  return passed(functions.filter(({ name: offered }) => names?.includes(offered) ?? true));
}
