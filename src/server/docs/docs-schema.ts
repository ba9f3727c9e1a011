import { code, escapeHtml } from './html.ts';

/** As much of a JSON Schema as the page shows. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly required?: readonly string[];
  readonly description?: string;
  readonly example?: unknown;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** Says in a few words what a schema takes; what has a name is linked to it. */
export function schemaHtml(schema: Schema | undefined): string {
  if (schema === undefined) return '';
  const { $ref, enum: choices, items, additionalProperties, type } = schema;
  if ($ref !== undefined) return linkTo($ref.split('/').at(-1) ?? '');
  const parts = schema.anyOf ?? schema.oneOf ?? schema.allOf;
  if (parts !== undefined) return parts.map(schemaHtml).filter(Boolean).join(' or ');
  if (schema.const !== undefined) return code(JSON.stringify(schema.const));
  if (choices !== undefined) return choices.map((choice) => code(String(choice))).join(' ');
  if (items !== undefined) return `list of ${schemaHtml(items)}`;
  if (schema.properties !== undefined)
    return `{ ${Object.entries(schema.properties).map(fieldHtml).join(', ')} }`;
  if (typeof additionalProperties === 'object') return `name → ${schemaHtml(additionalProperties) || 'any'}`;
  const types = type === undefined ? ['any'] : [type].flat();
  return escapeHtml(`${types.length > 4 ? 'any JSON' : types.join(' or ')}${rangeOf(schema)}`);
}

function fieldHtml([name, field]: readonly [string, Schema]): string {
  return `${code(name)}: ${schemaHtml(field)}`;
}

function rangeOf({ minimum, maximum, default: usual }: Schema): string {
  // Every integer has the bounds of the format: they say nothing.
  const bound = (value: number | undefined): number | undefined =>
    value === undefined || Math.abs(value) === Number.MAX_SAFE_INTEGER ? undefined : value;
  const [low, high] = [bound(minimum), bound(maximum)];
  const range = low === undefined && high === undefined ? '' : `, ${low ?? ''}…${high ?? ''}`;
  return `${range}${usual === undefined ? '' : `, default ${JSON.stringify(usual)}`}`;
}

function linkTo(name: string): string {
  return `<a href="#shape-${name.toLowerCase()}">${escapeHtml(name)}</a>`;
}
