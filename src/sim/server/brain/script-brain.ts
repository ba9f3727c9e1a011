import type { AssistantBlock } from '../../../core/index.ts';
import type { ScriptedReply } from '../profile.ts';
import type { Asked } from '../wire.ts';
import type { Brain, BrainReply } from './brain.ts';
import { standingOf } from './conversation.ts';

/**
 * Answers from a script, by how far a conversation has come.
 * Never by who asked first: parallel conversations and retries do not disturb each other. The n-th reply answers the n-th turn, and after the last one the first comes again. Replies with `when` come first:
 * where the last user text has their word, they answer the turns since that text.
 */
export function createScriptBrain(script: readonly ScriptedReply[]): Brain {
  const always = script.filter(({ when }) => when === undefined);
  return async (asked) => {
    const { turns, lastText, turnsSince } = standingOf(asked.request.messages);
    const heard = lastText.toLowerCase();
    const meant = script.filter(({ when }) => when !== undefined && heard.includes(when.toLowerCase()));
    const scripted =
      meant.length > 0 ? meant[turnsSince % meant.length] : always[turns % Math.max(1, always.length)];
    return { type: 'reply', reply: replyOf(scripted ?? unscripted, asked, turns + 1) };
  };
}

/** Said where every reply waits for another word. An error would be hidden by the wire's own words, and retried. */
const unscripted: ScriptedReply = Object.freeze({
  say: 'The simulator has no scripted reply for this request: add one without `when`.',
});

function replyOf(
  { think, say, calls = [], stop }: ScriptedReply,
  { model }: Asked,
  turn: number,
): BrainReply {
  const blocks: readonly AssistantBlock[] = [
    ...(think === undefined
      ? []
      : [{ type: 'opaque' as const, provider: model.provider, content: { thinking: think } }]),
    ...(say === undefined ? [] : [{ type: 'text' as const, text: say }]),
    ...calls.map(({ tool, input }, place) => ({
      type: 'tool-call' as const,
      id: `call_${turn}_${place + 1}`,
      name: tool,
      input,
    })),
  ];
  return { blocks, stop: stop ?? (calls.length > 0 ? 'tool-calls' : 'done') };
}
