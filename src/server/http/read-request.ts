import type { z } from '@hono/zod-openapi';
import { type Failure, fail, failure, type Json, ok, type Result } from '../../core/index.ts';
import type { ServerLimits } from '../limits.ts';
import type { Asked, Route } from '../route.ts';
import { readBytes, shown } from './read-bytes.ts';
import { readForm } from './read-form.ts';
import { readJson } from './read-json.ts';

/** What a request brings, read and checked; or every mistake in it. */
export type Read =
  | {
      readonly ok: true;
      readonly value: Pick<Asked<unknown, unknown, unknown>, 'params' | 'query' | 'body' | 'files'>;
    }
  | { readonly ok: false; readonly failures: readonly [Failure, ...Failure[]] };

/** What is read of a request, and how much of it at most. */
export interface ReadOptions {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
  readonly limits: ServerLimits;
  /** Runs what holds a form in memory; refuses when too many do. */
  readonly withForm: <T>(read: () => Promise<Result<T>>) => Promise<Result<T>>;
}

/** Reads a request: path and query first, so that a wrong one costs no body. */
export async function readRequest(request: Request, options: ReadOptions): Promise<Read> {
  const { route } = options;
  const params = check(route.params, options.params, 'path');
  const query = check(route.query, route.query && queryOf(new URL(request.url)), 'query');
  if (!params.ok) return refused([nothingThere]);
  const failures = failuresOf(query);
  if (failures.length > 0) return refused(failures);
  const content = route.body === undefined ? noContent : await readContent(request, options);
  if (!content.ok) return refused([content.failure]);
  const body = check(route.body, content.value.body, 'body');
  if (!query.ok || !body.ok) return refused(failuresOf(body));
  return {
    ok: true,
    value: { params: params.value, query: query.value, body: body.value, files: content.value.files },
  };
}

/** What cannot be an id is not even looked up: no store could hold them all. */
const nothingThere = failure('not-found', 'There is nothing of this id: an id has letters, digits, _ and -.');

interface Content {
  readonly body: Json | undefined;
  readonly files: Readonly<Record<string, Uint8Array>>;
}

const noContent = ok<Content>({ body: undefined, files: {} });

async function readContent(request: Request, options: ReadOptions): Promise<Result<Content>> {
  const { route, limits, withForm } = options;
  const type = request.headers.get('content-type') ?? '';
  const media = type.split(';')[0]?.trim().toLowerCase();
  if (route.takesForm === true && media === 'multipart/form-data') {
    return await withForm(() => readFormContent(request, { type, bytesMax: limits.formBytesMax }));
  }
  if (type !== '' && media !== 'application/json') return wrongType(type, route);
  const bytes = await readBytes(request, limits.jsonBytesMax);
  if (!bytes.ok) return bytes;
  if (bytes.value.length === 0 && route.isBodyOptional === true) return ok({ body: {}, files: {} });
  // A page of another origin can send a body without a type, but never one that says it is JSON.
  if (type === '') return wrongType('nothing', route);
  const read = readJson(bytes.value);
  return read.ok ? ok({ body: read.value, files: {} }) : read;
}

async function readFormContent(
  request: Request,
  { type, bytesMax }: { readonly type: string; readonly bytesMax: number },
): Promise<Result<Content>> {
  const bytes = await readBytes(request, bytesMax);
  if (!bytes.ok) return bytes;
  const form = await readForm(new Uint8Array(bytes.value), type);
  return form.ok ? ok({ body: form.value.request, files: form.value.files }) : form;
}

function wrongType(type: string, { takesForm }: Route): Result<never> {
  const wanted = takesForm === true ? 'application/json or multipart/form-data' : 'application/json';
  return fail('wrong-type', `The Content-Type is ${shown(type)}: send ${wanted}.`);
}

/** A name that is given more than once becomes a list. */
function queryOf({ searchParams }: URL): Record<string, string | readonly string[]> {
  const names = [...new Set(searchParams.keys())];
  return Object.fromEntries(
    names.map((name) => {
      const [first = '', ...more] = searchParams.getAll(name);
      return [name, more.length === 0 ? first : [first, ...more]];
    }),
  );
}

type Checked =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly failures: readonly Failure[] };

/** The most mistakes that are told at once. */
const mistakesMax = 20;

function check(shape: z.ZodType | undefined, value: unknown, where: string): Checked {
  if (shape === undefined) return { ok: true, value: undefined };
  const parsed = shape.safeParse(value);
  if (parsed.success) return { ok: true, value: parsed.data };
  const issues = parsed.error.issues.slice(0, mistakesMax);
  return { ok: false, failures: issues.map(({ path, message }) => mistake(where, path, message)) };
}

function mistake(where: string, path: readonly PropertyKey[], message: string): Failure {
  const place = path.length === 0 ? `The ${where}` : `${shown(path.map(String).join('.'))} (${where})`;
  return failure('wrong-input', `${place}: ${shownLong(message)}.`);
}

/** A message may quote what was sent, such as the name of an unknown property. */
function shownLong(message: string): string {
  return message.replace(/\s+/g, ' ').slice(0, 300);
}

function failuresOf(checked: Checked): readonly Failure[] {
  return checked.ok ? [] : checked.failures;
}

function refused(failures: readonly Failure[]): Read {
  const [first, ...more] = failures;
  if (first === undefined) throw new Error('A request was refused without a reason');
  return { ok: false, failures: [first, ...more] };
}
