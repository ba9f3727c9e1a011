import { type Fault, invalidRequest } from './fault.ts';
import type { ContentBlock } from './message-body.ts';
import type { ModelRules } from './model-rules.ts';
import { signatureOf } from './signature.ts';
import type { PlacedBlock, Turn } from './turns.ts';

/** Finds the first thing that is wrong with the order or content of a conversation. */
export function turnsFault(turns: readonly Turn[], rules: ModelRules): Fault | null {
  return (
    first(turns, (turn, at) => blocksFault(turn, at === turns.length - 1)) ??
    first(turns, (turn, at) => (turn.role === 'system' ? systemFault(turns, at, rules) : null)) ??
    first(turns, (turn, at) => pairingFault(turn, turns[at - 1], turns[at + 1])) ??
    endFault(turns, rules)
  );
}

/** Finds the first thing wrong in a list. */
function first<T>(items: readonly T[], faultOf: (item: T, at: number) => Fault | null): Fault | null {
  for (const [at, item] of items.entries()) {
    const fault = faultOf(item, at);
    if (fault !== null) return fault;
  }
  return null;
}

function blocksFault({ role, blocks, message }: Turn, isLast: boolean): Fault | null {
  const isEmpty = blocks.every(({ block }) => block.type === 'text' && block.text === '');
  if (isEmpty && isLast && role === 'assistant') return null;
  if (isEmpty) {
    const exception = 'except for the optional final assistant message';
    return invalidRequest(`messages.${message}: all messages must have non-empty content ${exception}`);
  }
  return first(blocks, ({ block, place }) => {
    if (block.type === 'text' && block.text === '') {
      return invalidRequest('messages: text content blocks must be non-empty');
    }
    const owner = ownerOf(block);
    if (owner !== null && owner !== role) {
      return invalidRequest(`${place}: \`${block.type}\` blocks can only be in \`${owner}\` messages`);
    }
    return signatureFault(block, place);
  });
}

function ownerOf({ type }: ContentBlock): Turn['role'] | null {
  switch (type) {
    case 'thinking':
    case 'redacted_thinking':
    case 'tool_use':
      return 'assistant';
    case 'image':
    case 'search_result':
    case 'tool_result':
      return 'user';
    default:
      return null;
  }
}

/** Thinking goes back as it came, or not at all. */
function signatureFault(block: ContentBlock, place: string): Fault | null {
  if (block.type !== 'thinking' || block.signature === signatureOf(block.thinking)) return null;
  return invalidRequest(`${place}: Invalid \`signature\` in \`thinking\` block`);
}

function systemFault(turns: readonly Turn[], at: number, rules: ModelRules): Fault | null {
  if (!rules.takesSystemMessages) return invalidRequest("role 'system' is not supported on this model");
  const after = turns[at + 1];
  if (turns[at - 1]?.role === 'user' && (after === undefined || after.role === 'assistant')) return null;
  const where = 'must follow a user turn and be last or followed by an assistant turn';
  return invalidRequest(`messages.${turns[at]?.message ?? 0}: a message of role 'system' ${where}`);
}

/** Every tool call is answered at the start of the next turn, and nothing else is. */
function pairingFault(turn: Turn, before: Turn | undefined, after: Turn | undefined): Fault | null {
  if (turn.role === 'assistant') return unansweredFault(turn, after);
  const asked = new Set(before === undefined ? [] : callIds(before));
  const results = turn.blocks.filter(({ block }) => block.type === 'tool_result');
  return first(results, (result, at) => resultFault(result, asked, results.slice(0, at)));
}

function unansweredFault(turn: Turn, after: Turn | undefined): Fault | null {
  const ids = callIds(turn);
  const twice = ids.find((id, at) => ids.indexOf(id) < at);
  if (twice !== undefined) {
    return invalidRequest(`messages.${turn.message}: \`tool_use\` ids must be unique. Found twice: ${twice}`);
  }
  const answered = new Set(leadingResults(after));
  const open = ids.filter((id) => !answered.has(id));
  if (open.length === 0) return null;
  const found = '`tool_use` ids were found without `tool_result` blocks immediately after';
  const rule = 'Each `tool_use` block must have a corresponding `tool_result` block in the next message.';
  return invalidRequest(`messages.${turn.message}: ${found}: ${open.join(', ')}. ${rule}`);
}

function callIds({ blocks }: Turn): readonly string[] {
  return blocks.flatMap(({ block }) => (block.type === 'tool_use' ? [block.id] : []));
}

/** Results come first in a turn; text before them hides them. */
function leadingResults(turn: Turn | undefined): readonly string[] {
  const ids: string[] = [];
  for (const { block } of turn?.blocks ?? []) {
    if (block.type !== 'tool_result') break;
    ids.push(block.tool_use_id);
  }
  return ids;
}

function resultFault(
  { block, place }: PlacedBlock,
  asked: ReadonlySet<string>,
  earlier: readonly PlacedBlock[],
): Fault | null {
  if (block.type !== 'tool_result') return null;
  const id = block.tool_use_id;
  if (!asked.has(id)) {
    const rule =
      'Each `tool_result` block must have a corresponding `tool_use` block in the previous message.';
    return invalidRequest(
      `${place}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${id}. ${rule}`,
    );
  }
  const isSecond = earlier.some((one) => one.block.type === 'tool_result' && one.block.tool_use_id === id);
  if (!isSecond) return null;
  return invalidRequest(
    `${place}: each tool_use must have a single result. Found multiple \`tool_result\` blocks with id: ${id}`,
  );
}

function endFault(turns: readonly Turn[], rules: ModelRules): Fault | null {
  if (turns[0]?.role === 'assistant') {
    return invalidRequest('messages: first message must use the "user" role');
  }
  const last = turns.at(-1);
  if (last?.role !== 'assistant') return null;
  if (!rules.takesPrefill) {
    const end = 'The conversation must end with a user message.';
    return invalidRequest(`This model does not support assistant message prefill. ${end}`);
  }
  const ending = last.blocks.at(-1)?.block;
  if (ending?.type !== 'text' || ending.text === ending.text.trimEnd()) return null;
  return invalidRequest('messages: final assistant content cannot end with trailing whitespace');
}
