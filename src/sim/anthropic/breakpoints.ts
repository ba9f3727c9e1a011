import type { CacheLife } from '../../core/index.ts';
import { type Fault, invalidRequest } from './fault.ts';
import type { CacheControl, ContentBlock, PromptBody } from './message-body.ts';
import { systemBlocksOf, turnsOf } from './turns.ts';

/** The most cache breakpoints of a request (Anthropic, "Prompt caching"). */
const breakpointsMax = 4;

/** How long a marked prefix is to be kept; null without a mark. */
export function lifeOf(control: CacheControl | null | undefined): CacheLife | null {
  if (control === null || control === undefined) return null;
  return control.ttl === '1h' ? 'long' : 'short';
}

/** The mark of a block; one inside a tool result holds for the result, which is what a cache can end with. */
export function markOf(block: ContentBlock): CacheLife | null {
  return lifeOf(marksIn(block).at(-1));
}

/** Says whether a breakpoint may stand on a block: not on thinking, not on empty text. */
export function isCacheable(block: ContentBlock): boolean {
  if (block.type === 'text') return block.text !== '';
  return block.type !== 'thinking' && block.type !== 'redacted_thinking';
}

/** Finds what is wrong with the cache breakpoints of a request: too many, on nothing, or in the wrong order. */
export function breakpointFault(body: PromptBody): Fault | null {
  const marks = marksOf(body);
  const empty = marks.find(({ onEmptyText }) => onEmptyText);
  if (empty !== undefined) {
    return invalidRequest(`${empty.place}: cache_control cannot be set for empty text blocks`);
  }
  const automatic = lifeOf(body.cache_control);
  const conflict = automatic === null ? null : automaticFault(automatic, lastCacheableMark(body));
  if (conflict !== null) return conflict;
  const all =
    automatic === null || lastCacheableMark(body) === automatic
      ? marks
      : [...marks, { place: '', life: automatic, onEmptyText: false }];
  if (all.length > breakpointsMax) {
    const most = `A maximum of ${breakpointsMax} blocks with cache_control may be provided.`;
    return invalidRequest(`${most} Found ${all.length}.`);
  }
  return orderFault(all);
}

interface Mark {
  readonly place: string;
  readonly life: CacheLife;
  readonly onEmptyText: boolean;
}

/** All explicit marks in the order the prefix is built in. */
function marksOf(body: PromptBody): readonly Mark[] {
  const tools = (body.tools ?? []).flatMap((tool, at) =>
    markAt(`tools.${at}.custom`, lifeOf(tool.cache_control), false),
  );
  const system = systemBlocksOf(body).flatMap((block, at) =>
    markAt(`system.${at}`, lifeOf(block.cache_control), block.text === ''),
  );
  const messages = turnsOf(body).flatMap(({ blocks }) =>
    blocks.flatMap(({ block, place }) =>
      marksIn(block).flatMap((control) =>
        markAt(`${place}.${block.type}`, lifeOf(control), block.type === 'text' && block.text === ''),
      ),
    ),
  );
  return [...tools, ...system, ...messages];
}

function markAt(place: string, life: CacheLife | null, onEmptyText: boolean): readonly Mark[] {
  return life === null ? [] : [{ place, life, onEmptyText }];
}

function marksIn(block: ContentBlock): readonly CacheControl[] {
  const own = 'cache_control' in block && block.cache_control ? [block.cache_control] : [];
  if (block.type !== 'tool_result' || !Array.isArray(block.content)) return own;
  return [...block.content.flatMap(marksIn), ...own];
}

/** The mark of the block on which automatic caching would put its own; null when it has none. */
function lastCacheableMark(body: PromptBody): CacheLife | null {
  const blocks = turnsOf(body).flatMap(({ blocks: placed }) => placed.map(({ block }) => block));
  const last = blocks.findLast(isCacheable);
  return last === undefined ? null : markOf(last);
}

/** Automatic caching leaves a block alone that has the same mark already, and refuses one that has another. */
function automaticFault(automatic: CacheLife, own: CacheLife | null): Fault | null {
  if (own === null || own === automatic) return null;
  return invalidRequest(
    `cache_control: ttl='${ttlOf(automatic)}' conflicts with the ttl='${ttlOf(own)}' of the last cacheable block.`,
  );
}

function orderFault(marks: readonly Mark[]): Fault | null {
  const firstShort = marks.findIndex(({ life }) => life === 'short');
  const late = firstShort < 0 ? undefined : marks.slice(firstShort).find(({ life }) => life === 'long');
  if (late === undefined) return null;
  const place = late.place === '' ? 'cache_control.ttl' : `${late.place}.cache_control.ttl`;
  const said = "a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block.";
  const order = 'Note that blocks are processed in the following order: `tools`, `system`, `messages`.';
  return invalidRequest(`${place}: ${said} ${order}`);
}

function ttlOf(life: CacheLife): string {
  return life === 'long' ? '1h' : '5m';
}
