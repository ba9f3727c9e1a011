import type { AssistantBlock, Message, ModelEnd, ModelEvent, ModelRequest, Reply } from '../../core/index.ts';
import { type CountTokens, canonicalJson, failure, type Model, noUsage } from '../../core/index.ts';
import { readConversation } from './conversation.ts';
import { cutAtWord } from './extract/cut-text.ts';
import { pieces } from './extract/pieces.ts';
import { leadMove } from './lead.ts';
import type { Move } from './move.ts';
import { workerMove } from './worker.ts';

const modelId = 'offline';
const contextTokensMax = 1_000_000;

/**
 * Makes the model that needs no provider: it extracts, it is no language model.
 * It obeys the protocol of any team: a lead delegates by its plan, a worker reads what it is told to read,
 * and writes an extract of that. Equal requests always give equal replies. It never calls a team's tool
 * that writes or reaches outside.
 */
export function offlineModel({ countTokens }: { readonly countTokens: CountTokens }): Model {
  const countInput = createInputCounter(countTokens);
  return Object.freeze({
    id: modelId,
    contextTokensMax,
    async *stream(request: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelEvent> {
      if (signal.aborted) return yield cancelled();
      const inputTokens = countInput(request);
      if (inputTokens > contextTokensMax) return yield contextFull(inputTokens);
      const move = await nextMove(request, signal);
      if (signal.aborted) return yield cancelled();
      const reply = replyOf(move, { request, inputTokens, countTokens });
      for (const text of spokenPieces(reply.blocks)) {
        yield { type: 'text', text };
        if (signal.aborted) return yield cancelled();
      }
      yield ended({ type: 'reply', reply });
    },
  });
}

async function nextMove(request: ModelRequest, signal: AbortSignal): Promise<Move> {
  const conversation = readConversation(request.messages);
  const delegate = request.tools.find(({ name }) => name === 'delegate');
  return delegate === undefined
    ? await workerMove(request, conversation, signal)
    : leadMove(delegate, conversation);
}

interface ReplyParts {
  readonly request: ModelRequest;
  readonly inputTokens: number;
  readonly countTokens: CountTokens;
}

function replyOf(move: Move, { request, inputTokens, countTokens }: ReplyParts): Reply {
  const blocks = blocksOf(move, request.messages);
  const outputTokens = sum(blocks.map((block) => countTokens(blockText(block))));
  const whole = { usage: { ...noUsage, inputTokens, outputTokens }, model: modelId };
  if (outputTokens <= request.outputTokensMax) {
    return { blocks, stop: move.type === 'call' ? 'tool-calls' : 'done', ...whole };
  }
  const text = fitTokens(
    move.type === 'say' ? move.text : 'Calling tools.',
    request.outputTokensMax,
    countTokens,
  );
  const usage = { ...whole.usage, outputTokens: countTokens(text) };
  return { ...whole, usage, blocks: text === '' ? [] : [{ type: 'text', text }], stop: 'output-limit' };
}

/** Ids only need to be unique within a conversation, and equal when it is equal. */
function blocksOf(move: Move, messages: readonly Message[]): readonly AssistantBlock[] {
  if (move.type === 'say') return [{ type: 'text', text: move.text }];
  const turn = messages.filter(({ role }) => role === 'assistant').length + 1;
  return move.calls.map(({ name, input }, index) => ({
    type: 'tool-call',
    id: `call_${turn}_${index + 1}`,
    name,
    input,
  }));
}

/** Halves a text until it fits, as a provider that stops at its limit would leave it. */
function fitTokens(text: string, tokensMax: number, countTokens: CountTokens): string {
  let kept = text;
  while (kept !== '' && countTokens(kept) > tokensMax) kept = cutAtWord(kept, Math.floor(kept.length / 2));
  return kept;
}

function spokenPieces(blocks: readonly AssistantBlock[]): readonly string[] {
  return blocks.flatMap((block) => (block.type === 'text' ? pieces(block.text) : []));
}

/** History and static parts come back in every turn as the same objects, so each is counted once. */
function createInputCounter(countTokens: CountTokens): (request: ModelRequest) => number {
  const counted = new WeakMap<object, number>();
  const count = <T extends object>(part: T, write: (part: T) => string): number => {
    const known = counted.get(part);
    if (known !== undefined) return known;
    const tokens = countTokens(write(part));
    counted.set(part, tokens);
    return tokens;
  };
  return ({ tools, system, messages, output }) =>
    sum([
      ...tools.map((tool) =>
        count(tool, ({ name, purpose, inputSchema }) => canonicalJson({ name, purpose, inputSchema })),
      ),
      ...system.map((block) => count(block, ({ text }) => text)),
      ...messages.flatMap(({ blocks }) => blocks.map((block) => count(block, blockText))),
      ...(output === undefined ? [] : [count(output, canonicalJson)]),
    ]);
}

function blockText(block: Message['blocks'][number]): string {
  switch (block.type) {
    case 'text':
    case 'tool-result':
      return block.text;
    case 'tool-call':
      return `${block.name} ${canonicalJson(block.input)}`;
    case 'image':
      return '';
    case 'opaque':
      return canonicalJson(block.content);
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function ended(end: ModelEnd): ModelEvent {
  return { type: 'end', end };
}

function cancelled(): ModelEvent {
  return ended({ type: 'failed', failure: failure('cancelled', 'The call was cancelled before it ended.') });
}

function contextFull(inputTokens: number): ModelEvent {
  const message = `The request has ${inputTokens} tokens; the offline model takes ${contextTokensMax}: send less.`;
  return ended({ type: 'failed', failure: failure('context-full', message) });
}
