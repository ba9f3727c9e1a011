import type { Json, JsonSchema } from '../../core/index.ts';
import type { Team } from '../../team/index.ts';
import { counted, oneLine } from '../show/wording.ts';

/** What a person is told of a server that has begun. */
export interface Served {
  readonly url: string;
  /** True while no API key was made: whoever reaches the server may use it. */
  readonly isOpen: boolean;
  readonly teams: readonly Team[];
  /** Where jobs are kept, for people. */
  readonly storage: string;
  readonly redis: boolean;
  /** How many jobs run at once here; null: none do. */
  readonly concurrency: number | null;
}

/** Says where a server is, who may use it, and how jobs are brought. */
export function bannerLines({ url, isOpen, teams, storage, redis, concurrency }: Served): readonly string[] {
  const names = teams.map(({ name }) => oneLine(name)).join(', ');
  const runs =
    concurrency === null
      ? 'None run here: inspan worker runs them.'
      : `Up to ${counted(concurrency, 'job')} run at once.`;
  const open = isOpen
    ? [`It is open to whoever is on this machine. To close it: inspan keys create --url ${url}`]
    : ['It asks for an API key: inspan keys create makes one.'];
  const [team] = teams;
  return [
    `Inspan serves ${names} on ${url}`,
    `Jobs are kept in ${storage}${redis ? ', news of them in Redis' : ''}. ${runs}`,
    ...open,
    '',
    ...(team === undefined ? [] : ['A first job:', `  ${curlLine(team, url, isOpen)}`, '']),
    `What else it can do: ${url}/docs. Ctrl-C ends it, once running jobs are done or handed over; twice: at once.`,
  ];
}

/** The command that brings a first job, with all that the team must have. */
export function curlLine({ name, input }: Team, url: string, isOpen: boolean): string {
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
    ...files.map(([file]) => `-F ${quoted(`${file}=@${file}`)}`),
  ].join(' ');
}

/** A value that a parameter takes: one of its words, else something of its type. */
function exampleOf(schema: JsonSchema): Json {
  const { default: usual, enum: words, type, items } = schema;
  if (usual !== undefined) return usual;
  if (Array.isArray(words) && words[0] !== undefined) return words[0] as Json;
  if (type === 'array') return [exampleOf((items ?? {}) as JsonSchema)];
  if (type === 'integer' || type === 'number') return 1;
  return type === 'boolean' ? true : '…';
}

/** In a shell nothing in single quotes means anything but itself. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
