import type { JsonSchema, OutputSchema } from '../../../core/index.ts';
import { type Checked, invalid, passed } from '../problem.ts';
import { schemaMistake } from './strict-schema.ts';

/** What the answer must look like, whichever wire says it. */
export type Format =
  | { readonly type: 'text' }
  | { readonly type: 'json_object' }
  | {
      readonly type: 'json_schema';
      readonly name: string;
      readonly schema: JsonSchema;
      readonly strict: boolean;
    };

/** Reads the schema that an answer must fit; JSON without a schema is an object of any shape. */
export function outputOf(format: Format): OutputSchema | null {
  if (format.type === 'text') return null;
  return format.type === 'json_object'
    ? { name: 'json_object', schema: { type: 'object' } }
    : { name: format.name, schema: format.schema };
}

/** Checks that a model can be held to a format. */
export function checkFormat(format: Format, param: string, code: string | null): Checked<Format> {
  if (format.type !== 'json_schema') return passed(format);
  const mistake = schemaMistake(format.schema, format.strict);
  return mistake === null
    ? passed(format)
    : invalid(`Invalid schema for response_format '${format.name}': ${mistake}`, param, code);
}
