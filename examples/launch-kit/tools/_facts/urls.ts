import { gluedScripts } from './normal-text.ts';

/** A URL as it stands in a text. */
export interface FoundUrl {
  /** As written, without the punctuation of its sentence. */
  readonly text: string;
  readonly start: number;
  /** Equal for two spellings of one address. */
  readonly key: string;
}

/** Finds every URL of a text: with a scheme, with `www.`, or a domain that is plainly one. */
export function findUrls(text: string): readonly FoundUrl[] {
  return [...text.matchAll(urlPattern)].flatMap((match) => {
    const url = withoutTail(match[0]);
    return url.includes('.') || url.includes('localhost')
      ? [{ text: url, start: match.index, key: urlKey(url) }]
      : [];
  });
}

/** Brings a URL to one spelling: no scheme, `www.`, fragment, tracking parameters, `.git` or trailing slash. */
export function urlKey(url: string): string {
  const bare = url
    .replace(/&amp;/g, '&')
    .replace(/^[a-z+]+:\/\//i, '')
    .replace(/^www\./i, '')
    .replace(/#.*$/s, '')
    .replace(/([?&])(?:utm_\w+|ref)=[^&]*/g, '$1')
    .replace(/[?&]+$/, '')
    .replace(/\?&+/, '?')
    .replace(/\/+(?=$|\?)/, '')
    .replace(/\.git$/, '');
  const slash = bare.search(/[/?]/);
  const host = slash === -1 ? bare : bare.slice(0, slash);
  return decoded(host.toLowerCase() + (slash === -1 ? '' : bare.slice(slash)));
}

/** Domains without a scheme are taken for one only under endings that no file name has. */
const plainEndings = 'com|org|net|io|dev|ai|app|edu|gov|xyz|cloud|tech|info';
const urlCharacter = `(?:(?![${gluedScripts}\\u3000-\\u303F])[\\p{L}\\p{N}\\-._~:/?#\\[\\]@!$&'()*+,;=%|])`;
/** No URL is longer than 2,000 characters: what browsers and search engines agree to take. */
const urlPattern = new RegExp(
  `(?:https?|ftp|git|ssh|wss?):\\/\\/${urlCharacter}{1,2000}` +
    `|(?<![\\w@/.-])(?:www\\.[\\w-]{1,63}\\.[\\w.-]{2,200}|(?:[a-zA-Z0-9][\\w-]{0,62}\\.){1,5}(?:${plainEndings})(?![\\w-]|\\.\\w))` +
    `(?:[/?#]${urlCharacter}{0,2000})?`,
  'gu',
);

/** Drops what belongs to the sentence or to Markdown around the URL; brackets stay when they are paired. */
function withoutTail(url: string): string {
  const cut = url.search(/\]\(|\)\[|\]\[/);
  let text = cut === -1 ? url : url.slice(0, cut);
  for (let last = text.at(-1) ?? ''; isTail(text, last); last = text.at(-1) ?? '') text = text.slice(0, -1);
  return text;
}

function isTail(text: string, last: string): boolean {
  if (last === '') return false;
  if (last === ')') return text.split(')').length > text.split('(').length;
  if (last === ']') return text.split(']').length > text.split('[').length;
  return /[.,;:!?'*_~|(["]/.test(last);
}

function decoded(url: string): string {
  try {
    return decodeURI(url);
  } catch (error) {
    // A lone percent sign is no escape: the URL is compared as written.
    if (error instanceof URIError) return url;
    throw error;
  }
}
