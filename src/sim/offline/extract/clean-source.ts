/** Ends an artifact of the offline model, in plain words. */
export const attribution = "Written by Inspan's offline model: an extract, no language model was asked.";

/**
 * Takes out of a text what is no content: front matter, comments, scripts, images, badges, link definitions,
 * and lines that a harness put there. Linear in the text's length.
 */
export function cleanSource(text: string): string {
  const plain = text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
  const visible = between.reduce(
    (rest, [open, close]) => withoutBetween(rest, open, close),
    withoutFrontMatter(plain),
  );
  return visible
    .split('\n')
    .filter((line) => !isMarker(line))
    .map(withoutImages)
    .map(withoutBlockTags)
    .join('\n');
}

/** Takes out only the lines that a harness or this model put there: for texts of which nothing else would be left. */
export function withoutMarkers(text: string): string {
  return text
    .split(/\r\n?|\n/)
    .filter((line) => !isMarker(line) && !line.includes(attribution))
    .join('\n');
}

const between: readonly (readonly [string, string])[] = [
  ['<!--', '-->'],
  ['<script', '</script>'],
  ['<style', '</style>'],
];

/** A header of keys between two rules. A rule that closes after more lines than this is a rule. */
const frontMatterLinesMax = 200;

function withoutFrontMatter(text: string): string {
  if (!text.startsWith('---\n')) return text;
  const lines = text.split('\n', frontMatterLinesMax);
  const end = lines.findIndex((line, index) => index > 0 && /^(?:---|\.\.\.)\s*$/.test(line));
  const inner = lines.slice(1, Math.max(1, end)).filter((line) => line.trim() !== '');
  if (end < 0 || !inner.every((line) => /^[\w"'.-]+\s*:|^\s|^[-#]/.test(line))) return text;
  return text.slice(lines.slice(0, end + 1).join('\n').length);
}

function withoutBetween(text: string, open: string, close: string): string {
  let kept = '';
  let from = 0;
  for (;;) {
    const start = text.indexOf(open, from);
    const end = start < 0 ? -1 : text.indexOf(close, start + open.length);
    if (end < 0) return kept + text.slice(from);
    kept += `${text.slice(from, start)}\n`;
    from = end + close.length;
  }
}

/** Lines about a text that are not of it: where it was cut, where it goes on, who extracted it, link definitions. */
function isMarker(line: string): boolean {
  const bare = line.trim();
  if (bare === attribution || /^\[!(?:NOTE|TIP|IMPORTANT|WARNING|CAUTION)\]$/.test(bare.replace(/^>\s*/, '')))
    return true;
  if (/^\[[^\]]{1,100}\]:\s+\S+/.test(bare) && !bare.startsWith('[^')) return true;
  const marks = /\bcut .{0,40}\bby Inspan\b|^\[lines? \d|\bgo on with \w+ \d|^\[.{1,300} is empty\]$/i;
  return bare.startsWith('[') && bare.endsWith(']') && marks.test(bare);
}

/** An image parts the words around it, so that what is quoted stands in the source as it is. */
function withoutImages(line: string): string {
  if (!line.includes('![') && !/<(?:img|br|hr|picture|source|video)\b/i.test(line)) return line;
  return line
    .replace(/\[!\[[^\]]{0,300}\]\([^)]{0,500}\)\]\([^)]{0,500}\)/g, '\n')
    .replace(/\[!\[[^\]]{0,300}\]\[[^\]]{0,300}\]\](?:\([^)]{0,500}\)|\[[^\]]{0,300}\])/g, '\n')
    .replace(/!\[[^\]]{0,300}\](?:\([^)]{0,500}\)|\[[^\]]{0,300}\])/g, '\n')
    .replace(/<\/?(?:img|br|hr|picture|source|video)\b[^>]{0,1000}>/gi, '\n');
}

const blockTag =
  /<\/?(?:p|div|center|details|summary|table|thead|tbody|tr|td|th|ul|ol|li|dl|dt|dd|section|article|header|footer|nav|main|body|html|head|title|blockquote|pre)\b[^>]{0,1000}>/gi;

/** HTML parts its text as line breaks do; its headings become headings. */
function withoutBlockTags(line: string): string {
  if (!/<\/?[a-z]/i.test(line)) return line;
  return line
    .replace(/<h[1-6]\b[^>]{0,1000}>/gi, '\n# ')
    .replace(/<\/h[1-6]>/gi, '\n\n')
    .replace(blockTag, '\n\n');
}
