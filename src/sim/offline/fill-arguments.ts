import type { Json, JsonSchema, ToolDefinition } from '../../core/index.ts';
import { fitFiles, speaksOfFile } from './fit-files.ts';
import { numberFor, numberIn, propertiesOf, requiredOf, resolved, typeOf } from './schema/schema.ts';

/** Files in one list argument. */
const listedFilesMax = 20;

/** What arguments are filled from. */
interface Filling {
  readonly root: JsonSchema;
  readonly files: readonly string[];
  /** Files that some argument means by its name; the others leave them alone where they can. */
  readonly claimed: readonly string[];
}

/**
 * The inputs a tool can be called with, knowing only files. One for each file that fits.
 * Only required arguments are filled. Empty when one of them cannot be.
 */
export function argumentsFor(
  { inputSchema }: ToolDefinition,
  files: readonly string[],
  callsMax: number,
): readonly Json[] {
  const root = resolved(inputSchema, inputSchema);
  const claimed = requiredOf(root).flatMap((name) =>
    speaksOfFile(name, '') ? fitFiles(name, '', files) : [],
  );
  return objectsFor(root, { root: inputSchema, files, claimed }, callsMax);
}

function objectsFor(schema: JsonSchema, filling: Filling, most: number): readonly Json[] {
  const properties = propertiesOf(schema);
  let objects: readonly { readonly [name: string]: Json }[] = [{}];
  for (const name of requiredOf(schema)) {
    const values = valuesFor(name, resolved(properties[name], filling.root), filling);
    objects = objects
      .flatMap((object) => values.map((value) => ({ ...object, [name]: value })))
      .slice(0, most);
  }
  return objects;
}

/** Every value that the property may sensibly have; empty when none can be known. */
function valuesFor(name: string, schema: JsonSchema, filling: Filling): readonly Json[] {
  const { const: only, default: usual, enum: allowed } = schema;
  if (only !== undefined) return [only];
  if (usual !== undefined) return [usual];
  if (Array.isArray(allowed)) return allowed.slice(0, 1);
  switch (typeOf(schema)) {
    case 'boolean':
      return [false];
    case 'integer':
    case 'number':
      return [numberFor(schema, numberIn(schema, 'minimum', 1) > 0 ? numberIn(schema, 'minimum', 1) : 1)];
    case 'null':
      return [null];
    case 'string':
      return filesFor(name, schema, filling);
    case 'array':
      return listsFor(name, schema, filling);
    case 'object':
      return objectsFor(schema, filling, 1);
    default:
      return [];
  }
}

function filesFor(name: string, schema: JsonSchema, { files, claimed }: Filling): readonly string[] {
  const described = schema['description'];
  const description = typeof described === 'string' ? described : '';
  if (!speaksOfFile(name, description) || schema['format'] !== undefined) return [];
  const named = fitFiles(name, '', files);
  if (named.length > 0) return named;
  const free = files.filter((file) => !claimed.includes(file));
  const meant = fitFiles('', description, free);
  if (meant.length > 0) return meant;
  return free.length > 0 ? free : files;
}

function listsFor(name: string, schema: JsonSchema, filling: Filling): readonly Json[] {
  const least = numberIn(schema, 'minItems', 0);
  const most = Math.min(listedFilesMax, numberIn(schema, 'maxItems', listedFilesMax));
  const items = resolved(schema['items'], filling.root);
  const described = {
    ...items,
    ...(schema['description'] === undefined ? {} : { description: schema['description'] }),
  };
  const values = valuesFor(
    name,
    typeOf(items) === 'string' && items['enum'] === undefined ? described : items,
    filling,
  );
  const isAboutFiles = typeOf(items) === 'string' && values.length > 0;
  const list = values.slice(0, isAboutFiles ? most : Math.max(least, 0));
  return list.length < least ? [] : [list];
}
