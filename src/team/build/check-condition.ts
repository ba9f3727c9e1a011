import { isJsonObject, type Json, type JsonSchema } from '../../core/index.ts';
import { type Condition, type ConditionClaim, conditionClaims } from '../condition.ts';
import { didYouMean } from '../settings/closest.ts';
import type { InputParam } from '../team.ts';

/** Lists what a condition says that can never be: parameters nobody gives, values a schema does not know. */
export function checkCondition(
  condition: Condition,
  params: Readonly<Record<string, InputParam>> | null,
): readonly string[] {
  const known = params ?? {};
  return conditionClaims(condition).flatMap((claim) => {
    const param = Object.hasOwn(known, claim.param) ? known[claim.param] : undefined;
    const mistake =
      param === undefined ? unknownParam(claim, Object.keys(known)) : wrongValue(claim, param.schema);
    return mistake === null ? [] : [mistake];
  });
}

function unknownParam(claim: ConditionClaim, known: readonly string[]): string {
  const { param } = claim;
  // "platforms in x" is "x in platforms" turned round.
  if (claim.type === 'includes' && known.includes(claim.value)) {
    return `"${param}" is no parameter, "${claim.value}" is one; turn it round: ${param} in ${claim.value}`;
  }
  const hint = didYouMean(param, known) || (known.length > 0 ? ` Parameters: ${known.join(', ')}.` : '');
  return `"${param}" is no parameter of the brief; declare it under input.params.${hint}`;
}

function wrongValue(claim: ConditionClaim, schema: JsonSchema): string | null {
  if (claim.type === 'set') return null;
  const { param, value } = claim;
  if (claim.type === 'includes' && schema.type !== undefined && schema.type !== 'array') {
    return `"${param}" is no list; write ${param} is ${value}`;
  }
  if (claim.type === 'is' && schema.type === 'array')
    return `"${param}" is a list; write ${value} in ${param}`;
  const values =
    claim.type === 'is' ? valuesOf(schema) : valuesOf(isJsonObject(schema.items) ? schema.items : {});
  if (values === null || values.includes(value)) return null;
  const hint = didYouMean(value, values) || ` Values: ${values.join(', ')}.`;
  return `"${param}" never has the value "${value}".${hint}`;
}

/** All values that a schema allows, as text; null where they are not listed. */
function valuesOf(schema: JsonSchema): readonly string[] | null {
  if (schema.type === 'boolean') return ['true', 'false'];
  const values: Json | undefined = schema.enum ?? (schema.const === undefined ? undefined : [schema.const]);
  return Array.isArray(values) ? values.map(String) : null;
}
