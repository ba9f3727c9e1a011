import {
  type Failure,
  failure,
  isJsonObject,
  type Model,
  type ModelRequest,
  ok,
  type Reply,
  type Result,
  type Usage,
} from '../../core/index.ts';
import { providerOf } from '../providers.ts';
import { adapterModel } from '../wire/adapter.ts';
import { post, type Sending } from '../wire/post.ts';
import { type CallUse, cancelled, type ProviderCall } from '../wire/provider-call.ts';
import { cutStream, type ProviderAccount, providerFailure } from '../wire/provider-failure.ts';
import { openaiLimits } from '../wire/rate-limits.ts';
import { estimatedUsage } from '../wire/request-tokens.ts';
import { openedAnswer } from './answer-events.ts';
import { type OpenaiClient, type OpenaiOptions, openaiAccount, openClient } from './client.ts';
import { createResponsesReply, type ResponsesEvent } from './responses-reply.ts';
import { createResponsesBody } from './responses-request.ts';

/** Speaks OpenAI's Responses API, which keeps nothing of a conversation. The SDK is loaded by the first call. */
export function responsesModel(options: OpenaiOptions): Model {
  const account = openaiAccount(options);
  const bodyOf = createResponsesBody(options);
  return adapterModel(options, {
    account,
    open: () => openClient(options, { account, path: '/responses' }),
    call: (client, request) => responsesCall(client, { request, bodyOf, account, options }),
    countTokens: (client, request, signal) => countTokens(client, { body: bodyOf(request), account, signal }),
  });
}

type Body = ReturnType<ReturnType<typeof createResponsesBody>>;

interface Asked {
  readonly request: ModelRequest;
  readonly bodyOf: ReturnType<typeof createResponsesBody>;
  readonly account: ProviderAccount;
  readonly options: OpenaiOptions;
}

function responsesCall(client: OpenaiClient, asked: Asked): ProviderCall<readonly ResponsesEvent[]> {
  const { request, account, options } = asked;
  const answer = createResponsesReply(account.provider);
  const estimated = (): Usage => estimatedUsage(request, answer.said(), options.countTokens);
  let hasBegun = false;

  function finish(requestId: string | null): Result<Reply> {
    const ending = answer.ending();
    if (ending === null) return { ok: false, failure: cutStream(account) };
    if (isJsonObject(ending.error)) return { ok: false, failure: endFailure(ending.error, account) };
    if (ending.status === 'failed' || ending.status === 'cancelled')
      return { ok: false, failure: cutStream(account, `the response was ${ending.status}`) };
    return ok(answer.reply({ model: account.id, usage: answer.usage() ?? estimated(), requestId }));
  }

  function used(isTaken: boolean): CallUse {
    const usage = answer.usage();
    if (usage !== null) return { usage };
    return isTaken ? { estimate: estimated() } : {};
  }

  return {
    open: (sending) => send(client, asked, sending),
    accept(events) {
      hasBegun = true;
      return events.flatMap(answer.accept);
    },
    isComplete: () => answer.ending() !== null,
    finish,
    failureOf: (error) => failureOf(error, account, { begun: hasBegun }),
    limitsOf: openaiLimits,
    used,
  };
}

function send({ answers }: OpenaiClient, { request, bodyOf, options }: Asked, sending: Sending) {
  const body = bodyOf(request);
  const sent = options.streaming === false ? { ...body, stream: false } : body;
  return post(answers, sent, sending).then(openedAnswer<ResponsesEvent>);
}

/** Codes by which a response fails in the end, and the status that says who must act. Others are the provider's fault. */
const statusOfCode: Readonly<Record<string, number>> = Object.freeze({
  rate_limit_exceeded: 429,
  vector_store_timeout: 504,
  server_error: 500,
  invalid_prompt: 400,
  data_residency_mismatch: 400,
});

function endFailure(error: Readonly<Record<string, unknown>>, account: ProviderAccount): Failure {
  const code = String(error['code']);
  if (code.includes('policy')) {
    return failure(
      'refused',
      `${account.id} refused (${code}): ${String(error['message'])} Ask for something else.`,
    );
  }
  const status = statusOfCode[code] ?? (code.includes('image') ? 400 : 500);
  return providerFailure({ status, error }, account, { begun: true });
}

function failureOf(error: unknown, account: ProviderAccount, state: { readonly begun: boolean }): Failure {
  const told = providerFailure(error, account, state);
  const { provider, id } = account;
  const chat = `${provider}-chat`;
  // An address that does not exist: most servers that imitate OpenAI know only its older API.
  if (told.code !== 'wrong-config' || providerOf(chat) === undefined) return told;
  const advice = `Where a server has no Responses API, write ${chat}/${id.slice(provider.length + 1)} instead.`;
  return { ...told, message: `${told.message} ${advice}` };
}

async function countTokens(
  { sdk }: OpenaiClient,
  {
    body,
    account,
    signal,
  }: { readonly body: Body; readonly account: ProviderAccount; readonly signal: AbortSignal },
): Promise<Result<number>> {
  const { model, input, tools, text, reasoning } = body;
  const counted = { model, input, tools, text, reasoning } as Parameters<
    typeof sdk.responses.inputTokens.count
  >[0];
  try {
    return ok((await sdk.responses.inputTokens.count(counted, { signal })).input_tokens);
  } catch (error) {
    // Only the SDK is called in here, so what it throws is the provider's or the network's.
    if (signal.aborted) return { ok: false, failure: cancelled() };
    return { ok: false, failure: failureOf(error, account, { begun: false }) };
  }
}
