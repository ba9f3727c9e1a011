import {
  type CountTokens,
  type Failure,
  type Model,
  type ModelRequest,
  ok,
  type Result,
} from '../../core/index.ts';
import { tokenFactor } from '../model-facts.ts';
import { keyVariableOf, providers } from '../providers.ts';
import { type AdapterOptions, adapterModel } from '../wire/adapter.ts';
import { letterhead, post } from '../wire/post.ts';
import { cancelled, type ProviderCall } from '../wire/provider-call.ts';
import {
  cutStream,
  type ProviderAccount,
  providerFailure,
  refuseMalformedKey,
} from '../wire/provider-failure.ts';
import { providerFetch } from '../wire/provider-fetch.ts';
import { anthropicLimits } from '../wire/rate-limits.ts';
import { createAnthropicReply } from './anthropic-reply.ts';
import { type AnthropicBody, anthropicProvider, createAnthropicBody, factsId } from './anthropic-request.ts';
import { type AnthropicEvents, openedAnswer } from './anthropic-stream.ts';

/** How to reach a model behind a server that speaks Anthropic's Messages. `baseUrl` ends before `/v1`. */
export interface AnthropicOptions extends AdapterOptions {
  /** The first part of the model's id; `anthropic` when absent. */
  readonly provider?: string;
}

/** Speaks the Messages API to Anthropic and to all who offer it. The SDK is loaded by the first call. */
export function anthropicModel(options: AnthropicOptions): Model {
  const provider = options.provider ?? anthropicProvider;
  const account: ProviderAccount = {
    provider,
    id: `${provider}/${options.model}`,
    keyVariable: keyVariableOf(provider),
    apiKey: options.apiKey,
    baseUrl: options.baseUrl ?? providers.anthropic.baseUrl,
  };
  const bodyOf = createAnthropicBody(options.model);
  const factor = tokenFactor(factsId(options.model));
  const countTokens = (text: string): number => Math.ceil(options.countTokens(text) * factor);
  return adapterModel(options, {
    account,
    open: () => openClient(options, account),
    call: (client, request) =>
      anthropicCall(client, { request, account, bodyOf, countTokens, streams: options.streaming !== false }),
    countTokens: (client, request, signal) =>
      countedTokens(client, { body: bodyOf(request), account, signal }),
  });
}

type Client = Awaited<ReturnType<typeof openClient>>;

async function openClient(options: AdapterOptions, account: ProviderAccount) {
  refuseMalformedKey(account);
  const { Anthropic } = await import('@anthropic-ai/sdk');
  const fetch = providerFetch(options.fetch ?? globalThis.fetch);
  const sdk = new Anthropic({
    // Servers that need no key still get a word: without one the SDK would look for credentials on the machine.
    apiKey: options.apiKey ?? 'none',
    baseURL: account.baseUrl,
    // Retries are a wrapper's, which sees and tells them.
    maxRetries: 0,
    fetch,
    logLevel: 'off',
    openTelemetry: false,
    webhookKey: null,
  });
  const built = await sdk.buildRequest({ method: 'post', path: '/v1/messages', body: {} });
  return { sdk, messages: letterhead(built, fetch) };
}

interface Call {
  readonly request: ModelRequest;
  readonly account: ProviderAccount;
  readonly bodyOf: (request: ModelRequest) => AnthropicBody;
  /** In the model's own tokens. */
  readonly countTokens: CountTokens;
  readonly streams: boolean;
}

function anthropicCall(
  { messages }: Client,
  { request, account, bodyOf, countTokens, streams }: Call,
): ProviderCall<AnthropicEvents> {
  const answer = createAnthropicReply(request, countTokens);
  return {
    open: (sending) =>
      post(messages, { ...bodyOf(request), ...(streams ? { stream: true } : {}) }, sending).then(
        openedAnswer,
      ),
    accept: (events) => events.flatMap(answer.accept),
    isComplete: answer.isComplete,
    finish: (requestId) =>
      answer.isComplete()
        ? ok(answer.reply(account.id, requestId))
        : { ok: false, failure: cutStream(account) },
    failureOf: (error) => providerFailure(error, account, { begun: answer.hasBegun() }),
    limitsOf: anthropicLimits,
    used: answer.used,
  };
}

interface Counting {
  readonly body: AnthropicBody;
  readonly account: ProviderAccount;
  readonly signal: AbortSignal;
}

async function countedTokens({ sdk }: Client, { body, account, signal }: Counting): Promise<Result<number>> {
  const { max_tokens: _, ...counted } = body;
  try {
    const { input_tokens } = await sdk.messages.countTokens(counted, { signal });
    return ok(input_tokens);
  } catch (error) {
    const refused: Failure = signal.aborted ? cancelled() : providerFailure(error, account, { begun: false });
    return { ok: false, failure: refused };
  }
}
