import { type Claim, type ClaimForm, claimsMax, type FactKind } from './claim.ts';
import { takeApart, withoutOrdinals } from './draft-text.ts';
import { isKnownName } from './named-versions.ts';
import { findNames } from './names.ts';
import { blank, lineAt, lineStartsOf, normalText } from './normal-text.ts';
import { isRange, type Quantity, readQuantities } from './numbers.ts';
import { findQuotes, quoteParts } from './quotes.ts';
import { findUrls } from './urls.ts';

/** A claim at its place: each piece of the draft is claimed once, by the first reader that knows it. */
interface PlacedClaim {
  readonly kind: FactKind;
  readonly text: string;
  readonly start: number;
  readonly form: ClaimForm;
}

/** Reads everything checkable that a draft states, in the draft's order, each fact once. */
export function readClaims(draft: string): readonly Claim[] {
  const { prose, code } = takeApart(normalText(draft));
  const starts = lineStartsOf(prose);
  const marked = readAll([quoteClaims, urlClaims, spanClaims], prose);
  // What is left is running text: its tags and the numbers of its own parts state nothing.
  const running = withoutOrdinals(marked.rest.replace(/<\/?[a-zA-Z][^<>\n]{0,500}>/g, blank));
  const plain = readAll([compoundClaims, nameClaims, versionClaims, quantityClaims], running);
  const commands = code.flatMap(({ text, line }) => commandClaims(text, starts[line - 1] ?? 0));
  const all = [...marked.claims, ...plain.claims, ...commands].sort((a, b) => a.start - b.start);
  return merged(all, starts).slice(0, claimsMax);
}

type Reader = (text: string) => readonly PlacedClaim[];

/** The order matters: a number inside a URL, a quotation or a version is part of that. */
function readAll(readers: readonly Reader[], text: string): { claims: readonly PlacedClaim[]; rest: string } {
  const claims: PlacedClaim[] = [];
  let rest = text;
  for (const read of readers) {
    const found = read(rest);
    claims.push(...found);
    rest = without(rest, found);
  }
  return { claims, rest };
}

function quoteClaims(text: string): readonly PlacedClaim[] {
  return findQuotes(text).flatMap(({ text: quote, start }) => {
    const parts = quoteParts(quote);
    return parts.length === 0
      ? []
      : [{ kind: 'quote' as const, text: quote, start, form: { type: 'quote' as const, parts } }];
  });
}

function urlClaims(text: string): readonly PlacedClaim[] {
  return findUrls(text).map(({ text: url, start, key }) => ({
    kind: 'url',
    text: url,
    start,
    form: { type: 'url', key },
  }));
}

/** Inline code. A span that holds only a number or a version is read as that. */
function spanClaims(text: string): readonly PlacedClaim[] {
  return [...text.matchAll(/(?<!`)(`{1,3})(?!`)((?:[^`\n]|\n(?! *\n)){1,500}?)(?<!`)\1(?!`)/g)].flatMap(
    (match) => {
      const inner = (match[2] ?? '').replace(/\s+/g, ' ').trim();
      if (!/[\p{L}\p{N}]/u.test(inner)) return [];
      const [own] = [...versionClaims(inner), ...quantityClaims(inner)];
      if (own !== undefined && own.text.length === inner.length)
        return [{ ...own, text: match[0], start: match.index }];
      return [
        { kind: 'code' as const, text: match[0], start: match.index, form: words(spellingsOf(inner), false) },
      ];
    },
  );
}

function commandClaims(line: string, start: number): readonly PlacedClaim[] {
  const command = line
    .trim()
    .replace(/ {2,}/g, ' ')
    .replace(/^[$>%] /, '');
  if (!/[\p{L}\p{N}]/u.test(command) || /^(?:#|\/\/|--|\/\*|\*|<!--)(?: |$)/.test(command)) return [];
  const form = words(spellingsOf(command), false);
  return [{ kind: 'command', text: command, start, form }];
}

/** A call may be written without its brackets, a path without `./`, a command without the comment behind it. */
function spellingsOf(code: string): readonly string[] {
  const spellings = [
    code,
    code.replace(/\(\)$/, ''),
    code.replace(/^\.\//, ''),
    code.replace(/ (?:#|\/\/) .*$/, ''),
    code.replace(/[;,]$/, ''),
  ];
  return [...new Set(spellings)].filter((spelling) => /[\p{L}\p{N}]/u.test(spelling));
}

function nameClaims(text: string): readonly PlacedClaim[] {
  return findNames(text).map(({ text: name, start, ignoreCase, spellings }) => {
    return { kind: 'name', text: name, start, form: words(spellings, ignoreCase) };
  });
}

/** Dates, times, ratios, resolutions, fractions: digits whose marks carry the meaning, compared as written. */
function compoundClaims(text: string): readonly PlacedClaim[] {
  const pattern =
    /(?<![\p{Script=Latin}\p{Script=Cyrillic}\p{N}_./:-])(?:\d{4}-\d{1,2}-\d{1,2}|\d{1,2}([./])\d{1,2}\1\d{4}|\d{1,4}(?::\d{1,4}){1,3}|\d{1,5} ?[x×] ?\d{1,5}|\d{1,4}\/\d{1,4}(?:\/\d{2,4})?)(?![\p{N}_/]|[.:-]\d)/gu;
  return [...text.matchAll(pattern)].map((match) => {
    const spellings = [
      match[0],
      match[0].replace(/ ?[x×] ?/, 'x'),
      match[0].replace(/ ?[x×] ?/, ' × '),
      match[0].replace(/ ?[x×] ?/, '×'),
    ];
    return { kind: 'number', text: match[0], start: match.index, form: words([...new Set(spellings)], true) };
  });
}

/** `v2`, `v1.2.3`, `1.2.3-beta.1`. A plain `1.2` is read as a number, which a version of that number fulfils. */
function versionClaims(text: string): readonly PlacedClaim[] {
  const pattern =
    /(?<![\p{Script=Latin}\p{N}_.,])(?:v(?=\d)\d+(?:\.\d+){0,5}|\d+(?:\.\d+){2,5})(?:-(?=[a-z]*[.\d]|alpha|beta|rc|next|canary)[\da-z][\da-z.-]*[\da-z])?(?:\.x)?(?![\p{Script=Latin}\d_]|\.\d)/giu;
  return [...text.matchAll(pattern)].flatMap((match) => {
    if (/^\d{1,3}(?:\.\d{3})+$/.test(match[0])) return [];
    const version = match[0].toLowerCase().replace(/^v/, '').replace(/\.x$/, '');
    return [
      {
        kind: 'version' as const,
        text: match[0],
        start: match.index,
        form: { type: 'version' as const, version },
      },
    ];
  });
}

function quantityClaims(text: string): readonly PlacedClaim[] {
  const claims: PlacedClaim[] = [];
  const found = readQuantities(text);
  for (let index = 0; index < found.length; index += 1) {
    const first = found[index] as Quantity;
    const second = found[index + 1];
    const isPair = second !== undefined && isRange(text.slice(first.end, second.start));
    const quantities = isPair ? [first, second] : [first];
    const end = isPair ? second.end : first.end;
    const name =
      isPair || first.unit !== null || first.magnitude !== 1 ? null : nameBefore(text, first.start);
    // The name is shown where it says what the number is a version of.
    const start = name !== null && isVersionOf(name.name, first.text) ? name.start : first.start;
    const around = text.slice(Math.max(0, start - 60), end + 60);
    const form: ClaimForm = { type: 'quantities', quantities, name: name?.name ?? null, around };
    claims.push({ kind: 'number', text: text.slice(start, end), start, form });
    if (isPair) index += 1;
  }
  return claims;
}

/** A capitalised or dotted word right before a number may name the thing whose version it is: `Node 22`. */
function nameBefore(text: string, at: number): { readonly name: string; readonly start: number } | null {
  const from = Math.max(0, at - 40);
  const match = /(?<![\p{L}\p{N}_])(\.?\p{L}[\p{L}\p{N}+#]*(?:\.js)?) (?:>=|≥|version |v)? ?$/u.exec(
    text.slice(from, at),
  );
  if (match?.[1] === undefined) return null;
  return { name: match[1], start: from + match.index };
}

function isVersionOf(name: string, number: string): boolean {
  return isKnownName(name) || (/^\p{Lu}/u.test(name) && /^\d{1,3}\.\d{1,2}$/.test(number));
}

function words(spellings: readonly string[], ignoreCase: boolean): ClaimForm {
  return { type: 'words', spellings, ignoreCase };
}

function without(text: string, claims: readonly PlacedClaim[]): string {
  const pieces: string[] = [];
  let from = 0;
  for (const { start, text: claimed } of claims) {
    if (start < from) continue;
    pieces.push(text.slice(from, start), blank(claimed));
    from = start + claimed.length;
  }
  return pieces.join('') + text.slice(from);
}

function merged(placed: readonly PlacedClaim[], starts: readonly number[]): readonly Claim[] {
  const claims = new Map<string, Claim>();
  for (const { kind, text, start, form } of placed) {
    const shown = text
      .replace(/^ *(?:> ?)+/gm, '')
      .replace(/\s+/g, ' ')
      .trim();
    const key = `${kind} ${shown}`;
    const line = lineAt(starts, start);
    const lines = claims.get(key)?.lines ?? [];
    claims.set(key, { kind, text: shown, lines: lines.includes(line) ? lines : [...lines, line], form });
  }
  return [...claims.values()];
}
