import { type Failure, type FailureCode, failure, InspanError, isJsonObject } from '../../core/index.ts';
import { retryAfterMsOf } from './provider-fetch.ts';
import { isNeverSent } from './transport/transport-error.ts';

/** Whom a failure speaks about. */
export interface ProviderAccount {
  readonly provider: string;
  /** `provider/name`. */
  readonly id: string;
  /** Where the key is expected, for people: its name, never its value. */
  readonly keyVariable: string;
  /** Only to take it out of messages. */
  readonly apiKey: string | undefined;
  readonly baseUrl: string;
}

/** What a provider said when it refused, whichever SDK told us. */
interface Refusal {
  readonly status: number | null;
  /** The machine-readable words of the body: type, code, `details.error_code`. */
  readonly words: readonly string[];
  readonly said: string;
  readonly headers: Headers | null;
}

/** How far a call had come when it failed. */
export interface CallState {
  /** Some of the answer had come. */
  readonly begun: boolean;
}

/** Says what went wrong with a call, and what to do about it. */
export function providerFailure(error: unknown, account: ProviderAccount, { begun }: CallState): Failure {
  // Who could not be reached in time could not be reached.
  if (isTimeout(error) && !isNeverSent(error)) return tooSlow(account, begun);
  const refusal = refusalOf(error, account);
  const code = codeOf(refusal);
  if (code === null) return begun ? cutStream(account, refusal.said) : unreachable(account, refusal.said);
  const waitMs = refusal.headers === null ? null : retryAfterMsOf(refusal.headers);
  return failure(code, nextStep[code](account, refusal), {
    ...(waitMs === null || !waits.has(code) ? {} : { retryAfterMs: waitMs }),
    ...(isFinal(refusal) ? { retryable: false } : {}),
  });
}

/**
 * The time limits of a transport reject with this name, as those of the platform do; SDKs and other transports say it
 * in words, and one may wrap another. What a server answered is none, whatever it says.
 */
function isTimeout(error: unknown): boolean {
  if (!(error instanceof Error) || ('status' in error && typeof error.status === 'number')) return false;
  if (error.name === 'TimeoutError' || /timed? ?out/i.test(error.message)) return true;
  return error.cause !== error && isTimeout(error.cause);
}

function tooSlow({ id }: ProviderAccount, begun: boolean): Failure {
  const what = begun ? 'did not finish its answer in time' : 'did not begin to answer in time';
  return failure('timeout', `${id} ${what}. Try again later.`);
}

/** The headers of the answer that an SDK's error is about; null where none came. */
export function headersOf(error: unknown): Headers | null {
  const headers = typeof error === 'object' && error !== null && 'headers' in error ? error.headers : null;
  return headers instanceof Headers ? headers : null;
}

/** A stream that stopped before the provider said it was done. */
export function cutStream({ id }: ProviderAccount, said = 'the connection closed'): Failure {
  return failure('provider-down', `${id} stopped in the middle of its answer (${said}). Try again.`);
}

/** A call that cannot be made because there is no key for it. */
export function missingKey(id: string, keyVariable: string): Failure {
  return failure('no-access', `${id} needs a key: set ${keyVariable}, or choose another model.`);
}

/**
 * Throws the failure of a key that cannot stand in a header.
 * Such a key holds a line break, a space or a letter beyond ASCII. An SDK would name what it
 * cannot send in its own error, key and all.
 */
export function refuseMalformedKey({ id, keyVariable, apiKey }: ProviderAccount): void {
  if (apiKey === undefined || /^[\x21-\x7e]*$/.test(apiKey)) return;
  const said = `The key for ${id} holds a character that no key has: check ${keyVariable}.`;
  throw new InspanError([failure('no-access', said)]);
}

function refusalOf(error: unknown, account: ProviderAccount): Refusal {
  const thrown: { readonly [key: string]: unknown } =
    typeof error === 'object' && error !== null ? { ...error } : {};
  const outer = thrown['error'];
  const body = isJsonObject(outer) && outer['error'] !== undefined ? outer['error'] : outer;
  const words = isJsonObject(body) ? wordsOf(body) : [];
  return {
    status: typeof thrown['status'] === 'number' ? thrown['status'] : statusOfWords(words),
    words,
    said: presentable(saidBy(body) ?? lastCause(error), account),
    headers: headersOf(error),
  };
}

/** SDKs say no more than "Connection error."; what they wrapped says which. */
function lastCause(error: unknown): string {
  let last = error;
  for (let depth = 0; depth < causesMax && last instanceof Error && last.cause !== undefined; depth++) {
    last = last.cause;
  }
  if (!(last instanceof Error)) return String(last);
  // A host with several addresses fails with an error that has a code and no message.
  return last.message === '' && 'code' in last ? String(last.code) : last.message;
}

/** SDK, platform, socket: deeper than this nobody wraps. */
const causesMax = 5;

function wordsOf(body: { readonly [key: string]: unknown }): readonly string[] {
  const details = body['details'];
  const inner = isJsonObject(details) ? details['error_code'] : undefined;
  return [body['type'], body['code'], inner]
    .filter((word) => typeof word === 'string' || typeof word === 'number')
    .map(String);
}

function saidBy(body: unknown): string | null {
  if (typeof body === 'string' && body !== '') return body;
  if (isJsonObject(body) && typeof body['message'] === 'string') return body['message'];
  return null;
}

/** One line, not too long, and never with the key in it (some servers quote it back). */
function presentable(text: string, { apiKey }: ProviderAccount): string {
  const clean = apiKey === undefined || apiKey === '' ? text : text.replaceAll(apiKey, '[key]');
  const line = clean.replaceAll(/\s+/g, ' ').trim();
  if (line.length > saidLengthMax) return `${line.slice(0, saidLengthMax)}…`;
  // What to do comes behind it, as a sentence of its own.
  return line === '' || /[.!?…:]$/.test(line) ? line : `${line}.`;
}

/** Characters of a provider's own words that are worth quoting: enough for their longest known message. */
const saidLengthMax = 500;

/** An error after the 200 has no status of its own; its type stands for the one it would have had. */
const statusOfType: Readonly<Record<string, number>> = Object.freeze({
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  request_too_large: 413,
  rate_limit_error: 429,
  rate_limit_exceeded: 429,
  api_error: 500,
  server_error: 500,
  service_unavailable_error: 503,
  timeout_error: 504,
  overloaded_error: 529,
});

function statusOfWords(words: readonly string[]): number | null {
  for (const word of words) {
    const status = statusOfType[word] ?? Number(word);
    if (status >= 400 && status < 600) return status;
  }
  return null;
}

type ProviderCode = Extract<
  FailureCode,
  | 'rate-limited'
  | 'provider-down'
  | 'timeout'
  | 'no-access'
  | 'unknown-model'
  | 'context-full'
  | 'request-rejected'
  | 'wrong-config'
>;

const waits: ReadonlySet<FailureCode> = new Set(['rate-limited', 'provider-down', 'timeout']);

/** Null where nobody said anything that can be named: then the connection failed. */
function codeOf({ status, words, said }: Refusal): ProviderCode | null {
  if (isTooLong(words, said)) return 'context-full';
  if (status === null) return null;
  if (isSpent(status, words, said)) return 'no-access';
  if (status === 401 || status === 403) return 'no-access';
  if (isUnknownModel(status, words, said)) return 'unknown-model';
  if (status === 404) return 'wrong-config';
  if (status === 408 || status === 504) return 'timeout';
  if (status === 429) return 'rate-limited';
  // 409 and 499 are about this one attempt (a conflict, a dropped connection), as 5xx are.
  return status === 409 || status >= 499 ? 'provider-down' : 'request-rejected';
}

/** Says whether trying again is of no use: the provider says so, or there is nothing left to spend. */
function isFinal({ status, words, said, headers }: Refusal): boolean {
  return headers?.get('x-should-retry') === 'false' || (status !== null && isSpent(status, words, said));
}

/** Quotas that do not pass by waiting: no retry helps, only money, a higher limit or another model. */
function isSpent(status: number, words: readonly string[], said: string): boolean {
  return (
    status === 402 ||
    words.some((word) => spentWords.has(word)) ||
    /^(You have reached your specified API usage limits|Your credit balance is too low)/.test(said)
  );
}

const spentWords: ReadonlySet<string> = new Set([
  'insufficient_quota',
  'credit_balance_exhausted',
  'enforced_spend_limit_reached',
  'contract_spend_limit_reached',
  'billing_error',
  'billing_not_active',
  'billing_hard_limit_reached',
]);

/** The words of Anthropic, OpenAI, llama.cpp and vLLM for a request that does not fit the context. */
function isTooLong(words: readonly string[], said: string): boolean {
  if (words.includes('context_length_exceeded') || words.includes('exceed_context_size_error')) return true;
  if (isAboveRate(said)) return true;
  return /prompt is too long|maximum context length|exceeds? the (available |model'?s? )?context|context (window|size|length) exceeded|input token count .*exceeds/i.test(
    said,
  );
}

/**
 * One request larger than all the account may send in a minute (OpenAI, Groq). Waiting never helps and others are
 * not held up by it, so it is no rate limit: only sending less helps, as with a full context.
 */
function isAboveRate(said: string): boolean {
  return said.startsWith('Request too large for ');
}

function isUnknownModel(status: number, words: readonly string[], said: string): boolean {
  if (words.includes('model_not_found')) return true;
  if (status === 404) return /model|No endpoints found/i.test(said);
  return (
    status === 400 && /not a valid model|unknown model|model\b.{0,80}\b(not found|does not exist)/i.test(said)
  );
}

const nextStep: Readonly<Record<ProviderCode, (account: ProviderAccount, refusal: Refusal) => string>> =
  Object.freeze({
    'rate-limited': ({ id }, { said }) => `${id} is rate limited: ${said} Wait, or add a fallback model.`,
    'provider-down': ({ id }, { said, status }) =>
      `${id} is down or overloaded (${status}): ${said} Try again later.`,
    timeout: ({ id }, { said }) => `${id} took too long: ${said} Try again later.`,
    'no-access': noAccess,
    'unknown-model': unknownModel,
    'context-full': tooLong,
    'request-rejected': ({ id }, { said, status }) => `${id} rejected the request (${status}): ${said}`,
    'wrong-config': ({ provider, baseUrl }, { said }) =>
      `${provider} has no such address below ${hostOf(baseUrl)} (404): ${said} Check its base URL (most end in /v1).`,
  });

function tooLong({ id, keyVariable }: ProviderAccount, { said }: Refusal): string {
  if (isAboveRate(said))
    return `The request is longer than the account of ${keyVariable} may send to ${id} in a minute: ${said} Send less, or raise its limit.`;
  return `The request is longer than ${id} can read: ${said} Send less.`;
}

function noAccess({ id, keyVariable }: ProviderAccount, { status, said }: Refusal): string {
  if (status === 401) return `${id} does not accept the key. Check ${keyVariable}.`;
  if (status === 403)
    return `${id} may not be used with this key: ${said} Check ${keyVariable} and what it is allowed.`;
  return `The account of ${keyVariable} has nothing left to spend on ${id}: ${said} Add credit or raise its limit.`;
}

function unknownModel({ provider, id }: ProviderAccount, { said }: Refusal): string {
  const name = id.slice(provider.length + 1);
  const pull = provider === 'ollama' ? ` Install it with: ollama pull ${name}` : ' Check its name.';
  return `${provider} has no model ${name}: ${said}${pull}`;
}

function unreachable({ provider, baseUrl }: ProviderAccount, said: string): Failure {
  const start = provider === 'ollama' ? 'Start it with: ollama serve' : 'Check the network and the base URL.';
  return failure('provider-down', `${provider} cannot be reached at ${hostOf(baseUrl)}: ${said} ${start}`);
}

/** Without path or credentials: those are the owner's. */
function hostOf(baseUrl: string): string {
  return URL.canParse(baseUrl) ? new URL(baseUrl).host : 'its base URL';
}
