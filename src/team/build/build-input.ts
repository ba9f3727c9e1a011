import type { JsonSchema } from '../../core/index.ts';
import { checkPath } from '../../workspace/index.ts';
import { type PlaceOf, type SettingPath, shown } from '../settings/check-settings.ts';
import { didYouMean } from '../settings/closest.ts';
import { checkSchema, schemaWords, unknownWords } from '../settings/json-schema.ts';
import type { Report } from '../settings/report.ts';
import { defaultFileTokensMax, type InputFile, type InputParam, type TeamInput } from '../team.ts';
import type { TeamSource } from './team-source.ts';

/** The brief's own text: always there, and no other file may take its name. */
export const briefPath = 'brief.md';

/** Words of conditions, which would make a parameter of that name unreadable there. */
const conditionWords: readonly string[] = Object.freeze(['and', 'or', 'not', 'in', 'is']);

/** Checks what a brief may bring. */
export function buildInput(source: TeamSource, report: Report): TeamInput {
  const { settings, placeOf } = source;
  const { files, params } = settings.input ?? {};
  return {
    files: files === undefined ? null : buildFiles(files, placeOf, report),
    params: params === undefined ? null : buildParams(params, source, report),
  };
}

type FileSettings = Readonly<
  Record<string, { tokensMax?: number | undefined; required?: boolean | undefined }>
>;

function buildFiles(
  files: FileSettings,
  placeOf: PlaceOf,
  report: Report,
): Readonly<Record<string, InputFile>> {
  const taken = new Map([[briefPath, briefPath]]);
  const built: [string, InputFile][] = [];
  for (const [name, { tokensMax = defaultFileTokensMax, required = true }] of Object.entries(files)) {
    const place = placeOf(['input', 'files', name]);
    const path = checkPath(name);
    if (!path.ok) {
      report.fail(place, `input.files names ${shown(name)}: ${path.failure.message}`);
      continue;
    }
    const earlier = taken.get(path.value.toLowerCase());
    if (earlier === briefPath) {
      report.fail(place, `${briefPath} is the brief itself and always there; leave it out of input.files`);
    } else if (earlier !== undefined) {
      report.fail(
        place,
        `input.files names "${name}" beside "${earlier}", which differ only in case; rename one`,
      );
    } else {
      taken.set(path.value.toLowerCase(), path.value);
      built.push([path.value, { tokensMax, required }]);
    }
  }
  return Object.fromEntries(built);
}

function buildParams(
  params: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  source: TeamSource,
  report: Report,
): Readonly<Record<string, InputParam>> {
  const { requiredParams } = source;
  const built = Object.entries(params).map(([name, written]): [string, InputParam] => {
    const { schema, required } = buildParam(name, written, { source, report });
    const given = required || requiredParams.includes(name);
    return [name, { schema, required: given && schema.default === undefined }];
  });
  return Object.fromEntries(built);
}

function buildParam(
  name: string,
  { required, ...rest }: Readonly<Record<string, unknown>>,
  { source, report }: { readonly source: TeamSource; readonly report: Report },
): InputParam {
  const at = (...path: SettingPath) => source.placeOf(['input', 'params', name, ...path]);
  if (!isParamName(name)) {
    const rule = `a letter, then letters, digits, - or _, and none of ${conditionWords.join(', ')}`;
    report.fail(at(), `the parameter ${shown(name)} needs another name: ${rule}`);
  }
  if (required !== undefined && typeof required !== 'boolean' && !Array.isArray(required)) {
    const mistake = `input.params.${name}.required is ${shown(required)}; expected true or false`;
    report.fail(at('required'), mistake);
  }
  // A list is JSON Schema's own word for the members of an object.
  const written = { ...rest, ...(Array.isArray(required) ? { required } : {}) } as JsonSchema;
  for (const word of unknownWords(written)) {
    const hint = didYouMean(word, schemaWords);
    report.note(at(word), `input.params.${name}.${word} is no word of JSON Schema and has no effect.${hint}`);
  }
  const schema = checkSchema(written);
  if (!schema.ok) report.fail(at(), `input.params.${name}: ${schema.failure.message}`);
  return { schema: schema.ok ? schema.value : {}, required: required === true };
}

function isParamName(name: string): boolean {
  return /^[A-Za-z][A-Za-z0-9_-]*$/.test(name) && !conditionWords.includes(name);
}
