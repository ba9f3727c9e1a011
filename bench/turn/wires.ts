import type { Step } from './script.ts';

/** What both sides of the bench know of one wire: how to read a request and how to answer it. */
export interface Wire {
  readonly path: string;
  /** The answer to a request that did not ask for a stream. */
  json(step: Step, turn: number): string;
  /** The answer as an event stream. A tool's arguments come in eight deltas, as a text does. */
  sse(step: Step, turn: number): string;
}

/** Deltas of one turn. */
const deltasPerTurn = 8;

/** Anthropic's Messages. */
export const messagesWire: Wire = {
  path: '/v1/messages',
  json: (step, turn) =>
    JSON.stringify({
      ...message(turn),
      content: [
        'text' in step
          ? { type: 'text', text: step.text }
          : { type: 'tool_use', id: `toolu_${turn}`, name: step.call.name, input: step.call.input },
      ],
      stop_reason: 'text' in step ? 'end_turn' : 'tool_use',
    }),
  sse(step, turn) {
    const isText = 'text' in step;
    const block = isText
      ? { type: 'text', text: '' }
      : { type: 'tool_use', id: `toolu_${turn}`, name: step.call.name, input: {} };
    const pieces = inPieces(isText ? step.text : JSON.stringify(step.call.input));
    return [
      { type: 'message_start', message: message(turn) },
      { type: 'content_block_start', index: 0, content_block: block },
      ...pieces.map((piece) => ({
        type: 'content_block_delta',
        index: 0,
        delta: isText
          ? { type: 'text_delta', text: piece }
          : { type: 'input_json_delta', partial_json: piece },
      })),
      { type: 'content_block_stop', index: 0 },
      {
        type: 'message_delta',
        delta: { stop_reason: isText ? 'end_turn' : 'tool_use', stop_sequence: null },
        usage: { output_tokens: 20 },
      },
      { type: 'message_stop' },
    ]
      .map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
      .join('');
  },
};

/** OpenAI's Chat Completions. */
export const chatWire: Wire = {
  path: '/v1/chat/completions',
  json: (step, turn) =>
    JSON.stringify({
      ...completion('chat.completion', turn),
      choices: [
        {
          index: 0,
          message:
            'text' in step
              ? { role: 'assistant', content: step.text }
              : { role: 'assistant', content: null, tool_calls: [toolCall(step, turn)] },
          finish_reason: 'text' in step ? 'stop' : 'tool_calls',
        },
      ],
      usage: chatUsage,
    }),
  sse(step, turn) {
    const isText = 'text' in step;
    const start = isText
      ? { role: 'assistant', content: '' }
      : { role: 'assistant', content: null, tool_calls: [{ index: 0, ...toolCall(step, turn, '') }] };
    const pieces = inPieces(isText ? step.text : JSON.stringify(step.call.input));
    const deltas = pieces.map((piece) =>
      isText ? { content: piece } : { tool_calls: [{ index: 0, function: { arguments: piece } }] },
    );
    const chunk = completion('chat.completion.chunk', turn);
    return [
      ...[start, ...deltas].map((delta) => ({
        ...chunk,
        choices: [{ index: 0, delta, finish_reason: null }],
      })),
      { ...chunk, choices: [{ index: 0, delta: {}, finish_reason: isText ? 'stop' : 'tool_calls' }] },
      { ...chunk, choices: [], usage: chatUsage },
    ]
      .map((event) => `data: ${JSON.stringify(event)}\n\n`)
      .concat('data: [DONE]\n\n')
      .join('');
  },
};

const chatUsage = {
  prompt_tokens: 100,
  completion_tokens: 20,
  total_tokens: 120,
  prompt_tokens_details: { cached_tokens: 0 },
};

function message(turn: number) {
  return {
    id: `msg_${turn}`,
    type: 'message',
    role: 'assistant',
    model: 'claude-haiku-4-5',
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: {
      input_tokens: 100,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
      output_tokens: 20,
    },
  };
}

function completion(object: string, turn: number) {
  return { id: `chatcmpl-${turn}`, object, created: 1_790_000_000, model: 'bench' };
}

function toolCall(step: Extract<Step, { readonly call: unknown }>, turn: number, text?: string) {
  const { name, input } = step.call;
  return {
    id: `call_${turn}`,
    type: 'function',
    function: { name, arguments: text ?? JSON.stringify(input) },
  };
}

function inPieces(text: string): readonly string[] {
  const size = Math.ceil(text.length / deltasPerTurn);
  return Array.from({ length: deltasPerTurn }, (_, place) => text.slice(place * size, (place + 1) * size));
}
