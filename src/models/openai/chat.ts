import { type Model, type ModelRequest, ok, type Reply, type Result, type Usage } from '../../core/index.ts';
import { adapterModel } from '../wire/adapter.ts';
import { post, type Sending } from '../wire/post.ts';
import type { CallUse, ProviderCall } from '../wire/provider-call.ts';
import { cutStream, type ProviderAccount, providerFailure } from '../wire/provider-failure.ts';
import { openaiLimits } from '../wire/rate-limits.ts';
import { estimatedUsage } from '../wire/request-tokens.ts';
import { openedAnswer, streamEnd } from './answer-events.ts';
import { type ChatChunk, createChatReply } from './chat-reply.ts';
import { createChatBody } from './chat-request.ts';
import { type OpenaiClient, type OpenaiOptions, openaiAccount, openClient } from './client.ts';

/** Speaks Chat Completions to OpenAI and to all who imitate it. The SDK is loaded by the first call. */
export function chatModel(options: OpenaiOptions): Model {
  const account = openaiAccount(options);
  const bodyOf = createChatBody(options);
  return adapterModel(options, {
    account,
    open: () => openClient(options, { account, path: '/chat/completions' }),
    call: (client, request) => chatCall(client, { request, bodyOf, account, options }),
  });
}

interface Asked {
  readonly request: ModelRequest;
  readonly bodyOf: ReturnType<typeof createChatBody>;
  readonly account: ProviderAccount;
  readonly options: OpenaiOptions;
}

type ChatDocument = ChatChunk | typeof streamEnd;

function chatCall(client: OpenaiClient, asked: Asked): ProviderCall<readonly ChatDocument[]> {
  const { request, account, options } = asked;
  const answer = createChatReply(request, account.provider);
  const estimated = (): Usage => estimatedUsage(request, answer.said(), options.countTokens);
  let hasBegun = false;
  let hasEnded = false;

  function finish(requestId: string | null): Result<Reply> {
    if (!answer.isFinished()) return { ok: false, failure: cutStream(account) };
    return ok(answer.reply({ model: account.id, usage: answer.usage() ?? estimated(), requestId }));
  }

  function used(isTaken: boolean): CallUse {
    const usage = answer.usage();
    if (usage !== null) return { usage };
    return isTaken ? { estimate: estimated() } : {};
  }

  return {
    open: (sending) => send(client, asked, sending),
    accept(documents) {
      hasBegun = true;
      hasEnded = documents.includes(streamEnd);
      return documents.flatMap((each) => (each === streamEnd ? [] : answer.accept(each)));
    },
    // The usage comes after the reason to stop, so only the server's own end is the end.
    isComplete: () => hasEnded,
    finish,
    failureOf: (error) => providerFailure(error, account, { begun: hasBegun }),
    limitsOf: openaiLimits,
    used,
  };
}

function send({ answers }: OpenaiClient, { request, bodyOf, options }: Asked, sending: Sending) {
  const body = bodyOf(request);
  const { stream_options: _, ...whole } = body;
  const sent = options.streaming === false ? { ...whole, stream: false } : body;
  return post(answers, sent, sending).then(openedAnswer<ChatDocument>);
}
