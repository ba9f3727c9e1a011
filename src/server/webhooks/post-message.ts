import { type RequestOptions, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { type AddressRules, checkWebhookUrl } from './address.ts';
import { createCheckedLookup, privateAddressCode, type ResolveHost } from './checked-lookup.ts';

/** Sends one message. Resolves with what came of it; never rejects. */
export type PostMessage = (message: OutgoingMessage) => Promise<PostAnswer>;

/** A message on its way. */
export interface OutgoingMessage {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: string;
  readonly signal: AbortSignal;
}

/** What came of a message. `problem`: one line; null where it was answered. */
export type PostAnswer =
  | { readonly status: number; readonly problem: null }
  | { readonly status: null; readonly problem: string };

/**
 * Makes what sends messages. Each connection goes to an address that was checked when it was made; `fetch` looks names
 * up by itself, so it cannot promise that. Redirects are not followed, for the same reason. No proxy is used.
 */
export function createPostMessage(rules: AddressRules & { readonly resolve?: ResolveHost }): PostMessage {
  const lookup = createCheckedLookup(rules);
  return async ({ url, headers, payload, signal }) => {
    // An address that was taken once may be refused today: rules change, and stores are restored.
    const checked = checkWebhookUrl(url, rules);
    if (!checked.ok) return { status: null, problem: checked.failure.message };
    const options: RequestOptions = {
      method: 'POST',
      headers: { ...headers, 'content-length': Buffer.byteLength(payload) },
      signal,
      lookup,
      // A connection of its own: one that was checked for another message is not used again.
      agent: false,
    };
    return await send(checked.value, options, payload);
  };
}

/** Resolves with the head of the answer; nobody reads what follows. */
function send(url: URL, options: RequestOptions, payload: string): Promise<PostAnswer> {
  return new Promise((resolve) => {
    const start = url.protocol === 'https:' ? requestHttps : requestHttp;
    const request = start(url, options);
    request.on('response', (response) => {
      resolve({ status: response.statusCode ?? 0, problem: null });
      response.on('error', () => {});
      response.destroy();
    });
    // Node tells of an answer that wants another protocol here, and nowhere else.
    request.on('upgrade', (response, socket) => {
      resolve({ status: response.statusCode ?? 0, problem: null });
      socket.destroy();
    });
    // After an answer these resolve nothing any more.
    request.on('error', (error) => resolve({ status: null, problem: problemOf(error) }));
    request.on('close', () => resolve({ status: null, problem: 'The connection closed without an answer.' }));
    request.end(payload);
  });
}

/** Says what went wrong without repeating the address, which may hold a token. */
function problemOf({ name, code = name }: Error & { readonly code?: string }): string {
  if (code === privateAddressCode) return 'The address leads to this machine or a private network.';
  return `The address could not be reached (${code}).`;
}
