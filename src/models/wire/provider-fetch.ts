import { isJsonObject } from '../../core/index.ts';

/** The network, as the platform's `fetch` offers it. */
export type Fetch = typeof globalThis.fetch;

/**
 * Evens out how servers refuse, so that the SDKs understand it.
 * Error bodies become `{"error": …}`: some servers send a list, a bare `detail` or a bare `message`.
 */
export function providerFetch(fetch: Fetch): Fetch {
  return (input, init) => fetch(input, init).then(evened);
}

async function evened(response: Response): Promise<Response> {
  if (response.ok) return response;
  const headers = new Headers(response.headers);
  // The body is sent on decoded and perhaps rewritten, so these no longer describe it.
  headers.delete('content-encoding');
  headers.delete('content-length');
  const body = plainErrorBody(await response.text());
  return new Response(body, { status: response.status, statusText: response.statusText, headers });
}

/** How long a server asks to wait, in ms; null when it does not say. */
export function retryAfterMsOf(headers: Headers): number | null {
  const ms = Number.parseFloat(headers.get('retry-after-ms') ?? '');
  if (ms >= 0) return Math.ceil(ms);
  const after = headers.get('retry-after') ?? '';
  if (/^\s*\d+(\.\d+)?\s*$/.test(after)) return Math.ceil(Number(after) * 1000);
  // A date is measured against the server's own clock, which its `date` header tells.
  const untilMs = Date.parse(after) - Date.parse(headers.get('date') ?? '');
  return untilMs >= 0 ? untilMs : null;
}

function plainErrorBody(text: string): string {
  const parsed = parsedJson(text);
  const body: unknown = Array.isArray(parsed) ? parsed[0] : parsed;
  if (!isJsonObject(body)) return text;
  if (body['error'] !== undefined) return Array.isArray(parsed) ? JSON.stringify(body) : text;
  const message = body['message'] ?? body['detail'];
  if (message === undefined) return text;
  const said = typeof message === 'string' ? message : JSON.stringify(message);
  return JSON.stringify({ error: { message: said } });
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // Proxies answer in HTML; the SDKs pass such text on as it is.
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
