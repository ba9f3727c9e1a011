import type {
  AssistantBlock,
  CacheLife,
  ImageBlock,
  Message,
  ModelRequest,
  SystemBlock,
  TextBlock,
  ToolResultBlock,
} from '../../core/index.ts';

/** One side's turn, as every provider can take it: sides alternate, results stand first, no text is blank. */
export type ConversationTurn =
  | {
      readonly role: 'user';
      readonly results: readonly ToolResultBlock[];
      /** Texts and images, in the order they were written. */
      readonly parts: readonly (TextBlock | ImageBlock)[];
      readonly cacheMark: CacheLife | null;
    }
  | { readonly role: 'assistant'; readonly blocks: readonly AssistantBlock[] };

type UserTurn = Extract<ConversationTurn, { readonly role: 'user' }>;

/** Joins neighbouring user messages and drops what providers refuse: blank texts and empty messages. */
export function turnsOf(messages: readonly Message[]): readonly ConversationTurn[] {
  const turns: ConversationTurn[] = [];
  for (const message of messages) {
    const turn = turnOf(message);
    const before = turns.at(-1);
    if (turn === null) continue;
    if (turn.role === 'user' && before?.role === 'user') turns[turns.length - 1] = joined(before, turn);
    else turns.push(turn);
  }
  return turns;
}

function turnOf(message: Message): ConversationTurn | null {
  if (message.role === 'assistant') {
    const blocks = message.blocks.filter((block) => block.type !== 'text' || !isBlank(block.text));
    // Reasoning that was cut leads to nothing: providers refuse a message that ends in it.
    const spoken = blocks.slice(0, blocks.findLastIndex((block) => block.type !== 'opaque') + 1);
    return spoken.length === 0 ? null : { role: 'assistant', blocks: spoken };
  }
  const results = message.blocks.filter((block) => block.type === 'tool-result');
  const parts = message.blocks.filter(
    (block): block is TextBlock | ImageBlock =>
      block.type === 'image' || (block.type === 'text' && !isBlank(block.text)),
  );
  if (results.length === 0 && parts.length === 0) return null;
  return { role: 'user', results, parts, cacheMark: message.cacheMark ?? null };
}

function joined(a: UserTurn, b: UserTurn): UserTurn {
  return {
    role: 'user',
    results: [...a.results, ...b.results],
    parts: [...a.parts, ...b.parts],
    cacheMark: b.cacheMark ?? a.cacheMark,
  };
}

/** The system blocks that say something. */
export function systemOf(request: ModelRequest): readonly SystemBlock[] {
  return request.system.filter((block) => !isBlank(block.text));
}

function isBlank(text: string): boolean {
  return !/\S/.test(text);
}

/** Which blocks and turns carry a cache mark in the end, by position. */
export interface CacheMarks {
  readonly system: ReadonlyMap<number, CacheLife>;
  readonly turns: ReadonlyMap<number, CacheLife>;
}

/** Breakpoints one request may carry (Anthropic, "Prompt caching"). */
const cacheMarksMax = 4;

/**
 * Chooses the cache marks that are sent, at most four.
 * Surplus leaves the middle of the history first: its end is where the next request reads on.
 * A short mark before a long one becomes long: the other order is refused, and what stands before a long mark is
 * billed as long anyway (Anthropic, "Prompt caching").
 */
export function cacheMarksOf(system: readonly SystemBlock[], turns: readonly ConversationTurn[]): CacheMarks {
  const inSystem = marksOf(system, (block) => block.cacheMark ?? null);
  const inTurns = marksOf(turns, (turn) => (turn.role === 'user' ? turn.cacheMark : null));
  const keptTurns = thinned(inTurns, Math.max(1, cacheMarksMax - inSystem.length));
  const keptSystem = thinned(inSystem, cacheMarksMax - keptTurns.length);
  const isLongLater = keptTurns.some(isLong);
  return {
    system: new Map(isLongLater ? keptSystem.map(lengthened) : ordered(keptSystem)),
    turns: new Map(ordered(keptTurns)),
  };
}

type Mark = readonly [position: number, life: CacheLife];

function ordered(list: readonly Mark[]): readonly Mark[] {
  const lastLong = list.findLastIndex(isLong);
  return list.map((mark, index) => (index < lastLong ? lengthened(mark) : mark));
}

function isLong([, life]: Mark): boolean {
  return life === 'long';
}

function lengthened([position]: Mark): Mark {
  return [position, 'long'];
}

function marksOf<T>(list: readonly T[], lifeOf: (item: T) => CacheLife | null): readonly Mark[] {
  const marks: Mark[] = [];
  for (let position = 0; position < list.length; position += 1) {
    const life = lifeOf(list[position] as T);
    if (life !== null) marks.push([position, life]);
  }
  return marks;
}

function thinned(list: readonly Mark[], most: number): readonly Mark[] {
  if (list.length <= most) return list;
  const head = Math.floor(most / 2);
  return [...list.slice(0, head), ...list.slice(list.length - (most - head))];
}
