import { type BeforeSend, isJsonObject } from '../../core/index.ts';
import type { Fetch } from './provider-fetch.ts';
import { parsedArguments } from './tool-arguments.ts';

/** Where a client asks for answers, and how it introduces itself: what all of its requests share. */
export interface Letterhead {
  readonly url: string;
  readonly headers: [name: string, value: string][];
  readonly fetch: Fetch;
}

/** What goes with a request but not into it. */
export interface Sending {
  readonly signal: AbortSignal;
  /** Called by a `fetch` that knows of it: `Transport`. */
  readonly beforeSend?: BeforeSend | undefined;
}

/** What an SDK tells of a request that it built. */
export interface BuiltRequest {
  readonly req: { readonly headers: Headers };
  readonly url: string;
}

/**
 * Takes from an SDK what is the same in all requests to one address. The SDK knows addresses, keys and versions; what
 * it does anew for each request (merging headers, a controller, a timer, a registry) costs more than sending it.
 */
export function letterhead({ req, url }: BuiltRequest, fetch: Fetch): Letterhead {
  return { url, headers: [...req.headers], fetch };
}

/** Asks for an answer. Rejects as the SDKs do, with the `status`, `error` and `headers` of an answer that refuses. */
export function post({ url, headers, fetch }: Letterhead, body: object, sending: Sending): Promise<Response> {
  // Not an async function: its body would stay in memory while a model thinks.
  return fetch(url, { method: 'POST', headers, body: JSON.stringify(body), ...sending }).then(accepted);
}

async function accepted(response: Response): Promise<Response> {
  if (!response.ok) throw await refusal(response);
  return response;
}

async function refusal(response: Response): Promise<Error> {
  const { status, headers } = response;
  const text = await response.text();
  const error = parsedArguments(text);
  const said = new Error(`${status} ${text === '' ? 'status code (no body)' : text}`);
  return Object.assign(said, { status, headers, ...(isJsonObject(error) ? { error } : {}) });
}
