import { fail, type Json, ok, type Result } from '../../core/index.ts';
import { readJson } from './read-json.ts';

/** A form that was read: its field `request`, and its files by the names of their fields. */
export interface ReadForm {
  readonly request: Json;
  readonly files: Readonly<Record<string, Uint8Array>>;
}

/** The most fields of a form: far more files than a team can read. */
const fieldsMax = 1_000;

/** Reads a form whose bytes are all there. */
export async function readForm(bytes: Uint8Array<ArrayBuffer>, type: string): Promise<Result<ReadForm>> {
  const boundary = /;\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(type)?.slice(1).find(Boolean);
  if (boundary === undefined) return malformed('its Content-Type names no boundary');
  if (count(bytes, `--${boundary}`) > fieldsMax + 1) {
    return fail('too-large', `The form has more than ${fieldsMax} fields: send fewer files.`);
  }
  const form = await parse(bytes, type);
  if (form === null) return malformed('its parts cannot be read');
  const names = [...form.keys()];
  const twice = names.find((name, place) => names.indexOf(name) !== place);
  if (twice !== undefined) return malformed('a field of it comes twice');
  const request = form.get('request');
  if (request === null) return malformed('its field "request" is missing: the request as JSON');
  const read = readJson(await bytesOf(request), 'The field "request"');
  if (!read.ok) return read;
  const files: [string, Uint8Array][] = [];
  for (const [name, content] of form.entries()) {
    if (name !== 'request') files.push([name, await bytesOf(content)]);
  }
  return ok({ request: read.value, files: Object.fromEntries(files) });
}

async function parse(bytes: Uint8Array<ArrayBuffer>, type: string): Promise<FormData | null> {
  try {
    return await new Response(bytes, { headers: { 'content-type': type } }).formData();
  } catch {
    // The platform says of a malformed form only that it is one.
    return null;
  }
}

async function bytesOf(content: File | string): Promise<Uint8Array> {
  return typeof content === 'string' ? new TextEncoder().encode(content) : await content.bytes();
}

function count(bytes: Uint8Array, text: string): number {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let found = 0;
  for (
    let at = buffer.indexOf(text);
    at !== -1 && found <= fieldsMax + 1;
    at = buffer.indexOf(text, at + 1)
  ) {
    found += 1;
  }
  return found;
}

function malformed(why: string): Result<never> {
  return fail('wrong-input', `The form cannot be read: ${why}.`);
}
