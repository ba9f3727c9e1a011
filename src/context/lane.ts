import { canonicalJson, hashJson, type Message, type ModelRequest } from '../core/index.ts';

/** Where a request stops extending the one before it. */
export interface PrefixBreak {
  /** The first thing that differs: `tools`, a system block's id, or `message 3`. */
  readonly at: string;
}

/** Finds where `next` does not extend `previous`; null when it does. Cache marks are not content. */
export function prefixBreak(previous: ModelRequest, next: ModelRequest): PrefixBreak | null {
  if (!same(previous.tools, next.tools)) return { at: 'tools' };
  const blocks = Math.max(previous.system.length, next.system.length);
  for (let index = 0; index < blocks; index += 1) {
    const [before, after] = [previous.system[index], next.system[index]];
    if (!same(before?.text, after?.text)) return { at: `system block ${before?.id ?? after?.id}` };
  }
  for (const [index, message] of previous.messages.entries()) {
    const after = next.messages[index];
    if (after === undefined || !sameMessage(message, after)) return { at: `message ${index + 1}` };
  }
  return null;
}

/** Hashes what a model is shown and allowed: the identity of a model call. Marks and lane are left out. */
export function requestHash(request: ModelRequest): string {
  const { tools, system, messages, outputTokensMax, effort, output } = request;
  return hashJson({
    tools,
    system: system.map(({ text }) => text),
    messages: messages.map(content),
    outputTokensMax,
    effort,
    output,
  });
}

function content({ role, blocks }: Message): unknown {
  return { role, blocks };
}

/** Blocks are never changed, so the same object is the same content: an append-only lane is compared in no time. */
function sameMessage(a: Message, b: Message): boolean {
  return a.role === b.role && (a.blocks === b.blocks || same(content(a), content(b)));
}

function same(a: unknown, b: unknown): boolean {
  return a === b || canonicalJson(a ?? null) === canonicalJson(b ?? null);
}
