import {
  type CountTokens,
  canonicalJson,
  type Message,
  type ModelRequest,
  type PrefixParts,
} from '../core/index.ts';
import { messageTokens } from './bill.ts';
import { redacted, redactSecrets } from './redact.ts';

/** Where a request stops extending the one before it. */
export interface PrefixBreak {
  /** The first block that differs: `tools`, a system block's id, or `message 3`. */
  readonly at: string;
  /** Where in that block, in UTF-8 bytes; tools and messages are looked at as canonical JSON. */
  readonly byte: number;
  /** What stood there and what stands there now: some words around the place, without secrets. */
  readonly before: string;
  readonly after: string;
  /** What had been sent before from there on and is processed anew, counted here. */
  readonly lostTokens: number;
}

/** What of a request is compared. */
export type ComparedParts = PrefixParts & Partial<Pick<ModelRequest, 'messages'>>;

/**
 * Finds where `next` does not extend `previous`; null when it does. Cache marks are not content.
 * The same objects are the same content: a lane that only grows is compared in next to no time.
 */
export function prefixBreak(
  previous: ComparedParts,
  next: ComparedParts,
  countTokens: CountTokens,
): PrefixBreak | null {
  const place = firstDifference(previous, next);
  if (place === null) return null;
  const { at, before, after } = place;
  const index = firstDifferentCharacter(before, after);
  const lost = (text: string, rest: number): number => countTokens(text.slice(index)) + rest;
  const [then, now] = [restOf(previous, place, countTokens), restOf(next, place, countTokens)];
  return {
    at,
    byte: Buffer.byteLength(before.slice(0, index)),
    before: excerpt(before, index),
    after: excerpt(after, index),
    lostTokens: Math.min(lost(before, then), lost(after, now)),
  };
}

interface Difference {
  readonly at: string;
  readonly kind: 'tools' | 'system' | 'message';
  /** Position among its kind. */
  readonly index: number;
  readonly before: string;
  readonly after: string;
}

function firstDifference(previous: ComparedParts, next: ComparedParts): Difference | null {
  if (previous.tools !== next.tools) {
    const [before, after] = [toolsText(previous), toolsText(next)];
    if (before !== after) return { at: 'tools', kind: 'tools', index: 0, before, after };
  }
  return systemDifference(previous, next) ?? messageDifference(previous, next);
}

function systemDifference(previous: ComparedParts, next: ComparedParts): Difference | null {
  if (previous.system === next.system) return null;
  const blocks = Math.max(previous.system.length, next.system.length);
  for (let index = 0; index < blocks; index += 1) {
    const [before, after] = [previous.system[index], next.system[index]];
    if (before?.text === after?.text) continue;
    const at = after?.id ?? before?.id ?? 'system';
    return { at, kind: 'system', index, before: before?.text ?? '', after: after?.text ?? '' };
  }
  return null;
}

function messageDifference(previous: ComparedParts, next: ComparedParts): Difference | null {
  const { messages = [] } = previous;
  // By place: every turn looks at its whole history, and a pair for each message would be most of the price.
  for (let index = 0; index < messages.length; index += 1) {
    const message = messages[index] as Message;
    const now = next.messages?.[index];
    if (now !== undefined && now.role === message.role && now.blocks === message.blocks) continue;
    const [before, after] = [messageText(message), now === undefined ? '' : messageText(now)];
    if (before !== after) return { at: `message ${index + 1}`, kind: 'message', index, before, after };
  }
  return null;
}

function toolsText({ tools }: ComparedParts): string {
  return canonicalJson(tools.map(({ name, purpose, inputSchema }) => ({ name, purpose, inputSchema })));
}

function messageText({ role, blocks }: Message): string {
  return canonicalJson({ role, blocks });
}

function firstDifferentCharacter(before: string, after: string): number {
  let index = 0;
  while (index < before.length && before[index] === after[index]) index += 1;
  const isLowSurrogate = /^[\uDC00-\uDFFF]/.test(
    before.slice(index, index + 1) || after.slice(index, index + 1),
  );
  return isLowSurrogate ? index - 1 : index;
}

/** Tokens of everything behind the block that differs. */
function restOf(parts: ComparedParts, { kind, index }: Difference, countTokens: CountTokens): number {
  const { system, messages = [] } = parts;
  const behind = { tools: system, system: system.slice(index + 1), message: [] }[kind];
  const later = kind === 'message' ? messages.slice(index + 1) : messages;
  return behind.reduce((sum, { text }) => sum + countTokens(text), 0) + messageTokens(later, countTokens);
}

/** Shown before and behind the place: enough to find it, too little to leak a document. */
const shownBefore = 24;
const shownBehind = 40;

/** Looked at for secrets beyond that, so that none is shown in part, and what names one is seen. */
const lookAround = 400;

function excerpt(text: string, index: number): string {
  const from = tokenStart(text, Math.max(0, index - shownBefore));
  const to = tokenEnd(text, Math.min(text.length, index + shownBehind));
  const lead = text.slice(Math.max(0, from - lookAround), from);
  const [whole, before] = [redactSecrets(lead + text.slice(from, to)), redactSecrets(lead)];
  const shown = whole.startsWith(before) ? whole.slice(before.length) : redacted;
  return shown.replace(/\s+/g, ' ').trim();
}

function tokenStart(text: string, start: number): number {
  const least = Math.max(0, start - lookAround);
  let from = start;
  while (from > least && isInToken(text, from)) from -= 1;
  return from;
}

function tokenEnd(text: string, end: number): number {
  const most = Math.min(text.length, end + lookAround);
  let to = end;
  while (to < most && isInToken(text, to)) to += 1;
  return to;
}

/** True where a cut would part a word or a key. */
function isInToken(text: string, at: number): boolean {
  return isPartOfToken(text.charAt(at - 1)) && isPartOfToken(text.charAt(at));
}

function isPartOfToken(character: string): boolean {
  return /[\p{L}\p{N}_+=~./-]|[\uD800-\uDFFF]/u.test(character);
}
