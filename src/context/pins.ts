import type { Message, ToolCallBlock, ToolDefinition } from '../core/index.ts';

/** What must survive a summary word for word. The first message is kept whole and not looked at. */
export interface Pins {
  /** Sentences that bind: must, never, only, at most … */
  readonly constraints: readonly string[];
  /** Items of a plan: numbered, ticked or to be ticked. */
  readonly plan: readonly string[];
  readonly questions: readonly string[];
  /** Files that were written. */
  readonly paths: readonly string[];
  /** Names that a summary must not lose: quoted code, ticket numbers, addresses, arguments of calls that had an effect. */
  readonly identifiers: readonly string[];
}

/** Finds what must survive of messages that are going to be summed up. Tool results are not looked at: they are material. */
export function pinsOf(messages: readonly Message[], tools: readonly ToolDefinition[]): Pins {
  const spoken = messages.flatMap(({ role, blocks }) =>
    blocks.flatMap((block) => (block.type === 'text' ? [{ role, text: block.text }] : [])),
  );
  const sentences = spoken.flatMap(({ text }) => sentencesOf(text));
  const plan = spoken.flatMap(({ text }) => linesOf(text).filter((line) => planItem.test(line)));
  const effects = effectsOf(messages, tools);
  return {
    constraints: newest(sentences.filter((sentence) => binding.test(sentence) && !planItem.test(sentence))),
    plan: newest(plan),
    questions: newest(sentences.filter((sentence) => question.test(sentence))),
    paths: newest(effects.flatMap(({ input }) => pathOf(input))),
    identifiers: newest([
      ...spoken.flatMap(({ text }) => [...text.matchAll(identifier)].map(([whole, code]) => code ?? whole)),
      ...effects.flatMap(({ input }) => wordsIn(input)),
    ]),
  };
}

/** Joins what an earlier summary had to keep with what a later one has to. */
export function joinPins(earlier: Pins | null, later: Pins): Pins {
  if (earlier === null) return later;
  const join = (part: keyof Pins): readonly string[] => newest([...earlier[part], ...later[part]]);
  return {
    constraints: join('constraints'),
    plan: join('plan'),
    questions: join('questions'),
    paths: join('paths'),
    identifiers: join('identifiers'),
  };
}

const binding =
  /\b(?:must|shall|never|always|only|at (?:most|least)|no (?:more|less|longer|fewer) than|do(?:es)? not|don['’]t|cannot|can['’]t|may not|not allowed|forbidden|required|without exception|exactly)\b/i;

/** `- [ ] a`, `[x] a`, `1. a`, `2) a`, `Step 3: a`. */
const planItem = /^(?:[-*+]\s+)?(?:\[[ xX]\]|\d{1,3}[.)]|(?:step|phase)\s+\d+\s*[:.–-]|todo\s*:)\s*\S/i;

const question = /[?？]["'”’)]*$/;

/** `code`, ABC-123, https://… */
const identifier = /`([^`\n]{2,80})`|\b[A-Z][A-Z0-9]+-\d+\b|\bhttps?:\/\/[^\s<>"'`)\]]+[^\s<>"'`)\].,;:!?]/g;

/** Kept of each kind, the newest: a conversation that binds itself in more ways than this has them in its files. */
const itemsMax = 40;

/** A sentence longer than this is a text, not a rule. */
const itemCharactersMax = 400;

function newest(items: readonly string[]): readonly string[] {
  const fitting = items
    .map((item) => item.trim())
    .filter((item) => item !== '' && item.length <= itemCharactersMax);
  // Said again is said newly: the last mention counts.
  const once = [...new Set(fitting.toReversed())].slice(0, itemsMax);
  return once.toReversed();
}

function linesOf(text: string): readonly string[] {
  return text.split('\n').map((line) => line.trim());
}

function sentencesOf(text: string): readonly string[] {
  return linesOf(text).flatMap((line) => {
    const item = line.replace(/^[-*+>]\s+(?!\[)/, '');
    // A plan item stays whole: its number ends with a dot, too.
    return planItem.test(item) ? [item] : item.split(/(?<=[.!?。！？])\s+(?=\S)/u);
  });
}

/** Calls that changed something, as far as their tools say so, and that did not fail. */
function effectsOf(messages: readonly Message[], tools: readonly ToolDefinition[]): readonly ToolCallBlock[] {
  const changing = new Set(tools.filter(({ effect }) => effect !== 'read').map(({ name }) => name));
  const failed = new Set(
    messages.flatMap(({ blocks }) =>
      blocks.flatMap((block) => (block.type === 'tool-result' && block.failed ? [block.id] : [])),
    ),
  );
  return messages.flatMap(({ blocks }) =>
    blocks.flatMap((block) =>
      block.type === 'tool-call' && changing.has(block.name) && !failed.has(block.id) ? [block] : [],
    ),
  );
}

function pathOf(input: ToolCallBlock['input']): readonly string[] {
  const path = textMembers(input).find(([name]) => name === 'path' || name === 'file_path');
  return path === undefined ? [] : [path[1]];
}

/** Arguments that are one word: names and ids. */
function wordsIn(input: ToolCallBlock['input']): readonly string[] {
  return textMembers(input).flatMap(([, value]) => (/^[^\s]{2,80}$/.test(value) ? [value] : []));
}

function textMembers(input: ToolCallBlock['input']): readonly (readonly [string, string])[] {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return [];
  return Object.entries(input).flatMap(([name, value]) =>
    typeof value === 'string' ? [[name, value] as const] : [],
  );
}
