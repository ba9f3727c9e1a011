import type { Json, JsonSchema } from '../../core/index.ts';
import type { Team } from '../../team/index.ts';
import { counted, oneLine } from '../show/wording.ts';
import type { Storage } from './storage.ts';

/** What a person is told of a server that has begun. */
export interface Served {
  readonly url: string;
  /** True while no API key was made: whoever reaches the server may use it. */
  readonly isOpen: boolean;
  readonly teams: readonly Team[];
  readonly storage: Pick<Storage, 'name' | 'argument' | 'isFile'>;
  /** True where the current folder has a file that a first job can be given. */
  readonly hasReadme: boolean;
  readonly redis: boolean;
  /** How many jobs run at once here; null: none do. */
  readonly concurrency: number | null;
}

/** Says where a server is, who may use it, and how jobs are brought. */
export function bannerLines(served: Served): readonly string[] {
  const { url, isOpen, teams, storage, redis, concurrency } = served;
  const names = teams.map(({ name }) => oneLine(name)).join(', ');
  const runs =
    concurrency === null
      ? 'None run here: inspan worker runs them.'
      : `Up to ${counted(concurrency, 'job')} run at once.`;
  const [team] = teams;
  return [
    `Inspan serves ${names} on ${url}`,
    `Jobs are kept in ${storage.name}${redis ? ', news of them in Redis' : ''}. ${runs}`,
    isOpen
      ? `It is open to whoever is on this machine. To close it: inspan keys create --scope admin --url ${url}`
      : `It asks for an API key. To make one: ${closedCommand(served)}`,
    '',
    ...(team === undefined ? [] : ['A first job:', `  ${curlLine(team, served)}`, '']),
    `What else it can do: ${url}/docs. Ctrl-C ends it, once running jobs are done or handed over; twice: at once.`,
  ];
}

/** A file belongs to its server, so keys are made through it; into Postgres anybody may go who has its address. */
function closedCommand({ url, storage }: Served): string {
  if (storage.isFile)
    return `inspan keys create --scope admin --url ${url} (with one of scope admin in INSPAN_KEY)`;
  return `inspan keys create --scope admin --database ${quotedIfNeeded(storage.argument)}`;
}

/** What most folders have to read. */
export const readmeName = 'README.md';

/** The command that brings a first job, with all that the team must have; it works in any folder. */
export function curlLine(
  { name, input }: Team,
  { url, isOpen, hasReadme }: Pick<Served, 'url' | 'isOpen' | 'hasReadme'>,
): string {
  const params = Object.entries(input.params ?? {})
    .filter(([, { required }]) => required)
    .map(([param, { schema }]) => [param, exampleOf(schema)]);
  const files = Object.entries(input.files ?? {}).filter(([, { required }]) => required);
  const request = {
    team: name,
    ...(params.length === 0 ? {} : { params: Object.fromEntries(params) as Json }),
  };
  return [
    `curl ${url}/v1/jobs`,
    ...(isOpen ? [] : ['-H "Authorization: Bearer $INSPAN_KEY"']),
    `-F ${quoted(`request=${JSON.stringify(request)}`)}`,
    ...files.map(([file]) => `-F ${quoted(`${file}=${hasReadme ? `@${readmeName}` : sampleText}`)}`),
  ].join(' ');
}

/** A file that curl takes from the command itself. */
const sampleText = '# Our launch. On Monday we ship the first version.;type=text/plain';

/** A value that a parameter takes: one of its words, else something of its type. */
function exampleOf(schema: JsonSchema): Json {
  const { default: usual, enum: words, type, items } = schema;
  if (usual !== undefined) return usual;
  if (Array.isArray(words) && words[0] !== undefined) return words[0] as Json;
  if (type === 'array') return [exampleOf((items ?? {}) as JsonSchema)];
  if (type === 'integer' || type === 'number') return 1;
  return type === 'boolean' ? true : '…';
}

function quotedIfNeeded(text: string): string {
  return /^[\w@:/.-]+$/.test(text) ? text : quoted(text);
}

/** In a shell nothing in single quotes means anything but itself. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
