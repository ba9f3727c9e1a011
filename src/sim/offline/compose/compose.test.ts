import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { type ArtifactParts, composeArtifact } from './compose.ts';

const signal = new AbortController().signal;
const comment = "<!-- Written by Inspan's offline model: an extract, no language model was asked. -->\n";

function compose(text: string, more: Partial<ArtifactParts> = {}): Promise<string> {
  const sources = [{ path: 'source.md', text }];
  return composeArtifact(
    { path: 'o.md', sources, ownText: '', checks: [], plain: false, tokensMax: 8_000, ...more },
    signal,
  );
}

const article = `---
title: hidden
---
# Harbor [![build](https://b.example/x.svg)](https://b.example)

<!-- a remark -->
Harbor 2.4.0 serves 12,000 requests a second. It was written for teams that run at night. Dr. Ada Quill began it.

## Speed

- Cold start takes 35 ms, which is 4x less than before.
- Memory stays below 64 MiB.

## Use

\`\`\`sh
npx harbor up --port 8080
\`\`\`

| system | requests |
|---|---|
| Harbor | 12,000 |
`;

const languages: readonly (readonly [string, string, string])[] = [
  ['English', '# Harbor\n\nHarbor is fast. It needs no database.', 'Harbor is fast.'],
  ['German', 'Harbor läuft überall. Es braucht z. B. keine Datenbank.', 'Harbor läuft überall.'],
  ['Chinese', '# 港湾\n\n港湾很快。它不需要数据库。版本是2.4.0。', '它不需要数据库。'],
  ['Japanese', 'ハーバーは速いです。データベースは要りません。', 'データベースは要りません。'],
  ['Arabic', 'هاربر سريع جدا. لا يحتاج إلى قاعدة بيانات.', 'لا يحتاج إلى قاعدة بيانات.'],
  ['Hindi', 'हार्बर तेज़ है। इसे डेटाबेस नहीं चाहिए।', 'इसे डेटाबेस नहीं चाहिए।'],
  ['Thai', 'รุ่นนี้เร็วขึ้นมาก และไม่ต้องใช้ฐานข้อมูล', 'รุ่นนี้เร็วขึ้นมาก'],
  ['emoji only', '🎉🎉🚀👨‍👩‍👧‍👦', '🎉🎉🚀👨‍👩‍👧‍👦'],
  ['one word', 'Harbor', 'Harbor'],
  ['twenty bytes', 'Harbor 2.4.0 is out.', 'Harbor 2.4.0 is out.'],
  [
    'code only',
    'import { a } from "b";\n\nexport function run(x) {\n  return a(x) + 12;\n}\n',
    'export function run(x) {',
  ],
  ['a table only', '| name | size |\n|---|---|\n| harbor | 12 |\n', 'harbor | 12'],
  ['front matter only', '---\ntitle: Harbor\n---\n', 'title: Harbor'],
  ['an unclosed fence', '```\nnpx harbor up\n', 'npx harbor up'],
  ['a comment only', '<!-- Harbor -->', 'Harbor'],
  ['HTML', '<h1 align="center">Harbor</h1><p>It is <b>fast</b>.</p><p>It is small.</p>', 'It is small.'],
];

describe('an extract', () => {
  it.each(languages)('keeps what a text in %s says', async (_, text, expected) => {
    expect(await compose(text)).toContain(expected);
  });

  it('has the title, the facts and the marks of markdown, and none of its wrapping', async () => {
    const artifact = await compose(article);
    expect(artifact).toMatch(/^# Harbor\n/);
    expect(artifact).toContain('Harbor 2.4.0 serves 12,000 requests a second.');
    expect(artifact).toContain('Dr. Ada Quill began it.');
    expect(artifact).toContain('`npx harbor up --port 8080`');
    expect(artifact).toContain('## Speed\n\n- Cold start takes 35 ms, which is 4x less than before.');
    expect(artifact).not.toMatch(/hidden|remark|svg|---/);
    expect(artifact.endsWith(comment)).toBe(true);
  });

  it('never takes the marks of a harness for content, nor its own', async () => {
    const artifact = await compose(
      `Harbor is out.\n[lines 1-200 of 950; go on with offset 201]\n[Cut here by Inspan: 20,000 of 90,000 tokens kept]\n${comment}`,
    );
    expect(artifact).toBe(`# Harbor is out.\n\n- Harbor is out.\n\n${comment}`);
  });

  it('quotes verbatim: nothing it says is not in the source', async () => {
    const word = fc.oneof(
      fc.stringMatching(/^[a-zäöü]{1,9}$/),
      fc.constantFrom(
        'v1.2.3',
        '1,000',
        '12%',
        '`code`',
        'https://a.example/x',
        '世界',
        'ไทย',
        '👍🏽',
        '**bold**',
        '"said"',
      ),
    );
    const line = fc
      .tuple(
        fc.constantFrom('', '# ', '- ', '1. ', '> ', '| '),
        fc.array(word, { minLength: 1, maxLength: 30 }),
        fc.constantFrom('', '.', '!', '。'),
      )
      .map(([mark, words, end]) => `${mark}${words.join(' ')}${end}`);
    const text = fc
      .array(fc.oneof({ weight: 4, arbitrary: line }, { weight: 1, arbitrary: fc.constant('') }), {
        maxLength: 40,
      })
      .map((lines) => lines.join('\n'));
    await fc.assert(
      fc.asyncProperty(text, async (source) => {
        const { extracts } = JSON.parse(await compose(source, { path: 'o.json' })) as {
          extracts: { source: string; text: string }[];
        };
        const whole = source.replace(/^[ \t]*>[ \t]?/gm, '').replace(/\s+/g, ' ');
        const quotes = extracts
          .filter(({ source: path }) => path === 'source.md')
          .map(({ text: quote }) => quote);
        expect(quotes.filter((quote) => !whole.includes(quote))).toEqual([]);
        expect(extracts.length).toBeGreaterThan(0);
      }),
      { numRuns: 150 },
    );
  });

  it('differs between agents that read the same', async () => {
    const text = Array.from(
      { length: 60 },
      (_, n) => `Part ${n} of the ${['engine', 'price', 'story', 'team'][n % 4]} has its own value ${n * 7}.`,
    ).join('\n\n');
    const engine = await compose(text, { ownText: 'You explain the engine to engineers.' });
    const price = await compose(text, { ownText: 'You write about the price for buyers.' });
    expect(engine).not.toBe(price);
    expect(await compose(text, { ownText: 'You write about the price for buyers.' })).toBe(price);
    const count = (artifact: string, word: string): number => artifact.split(word).length;
    expect(count(engine, 'engine')).toBeGreaterThan(count(price, 'engine'));
  });

  it('never copies a large source, and says as much as a page', async () => {
    const text = Array.from(
      { length: 900 },
      (_, n) => `Sentence number ${n} speaks of topic ${n % 31} and of value ${n * 13}.`,
    ).join(' ');
    const words = (await compose(text)).split(/\s+/).length;
    expect(words).toBeGreaterThan(150);
    expect(words).toBeLessThan(450);
  });

  it('takes something of every source', async () => {
    const big = Array.from({ length: 300 }, (_, n) => `Sentence ${n} about the harbor ${n}.`).join(' ');
    const artifact = await compose('', {
      sources: [
        { path: 'a.md', text: big },
        { path: 'b.md', text: 'A lonely remark.' },
      ],
    });
    expect(artifact).toContain('A lonely remark.');
  });

  it('takes under a second for five megabytes of anything', async () => {
    const kinds = [
      'Harbor 2.4.0 is faster by 12%. ',
      '这个版本更快了，支持新的接口。',
      'รุ่นนี้เร็วขึ้นมาก',
      'x',
      '![',
      '<a ',
      '<!--',
      '{"a":"b"},',
      '```\n',
    ];
    for (const kind of kinds) {
      const startedAt = performance.now();
      expect(await compose(kind.repeat(Math.ceil(5_000_000 / kind.length)))).toContain(comment);
      expect(performance.now() - startedAt).toBeLessThan(1_000);
    }
  });
});

describe('the form of an artifact', () => {
  const hostile =
    'He said "a, b": <b>&amp;</b> --> \\ #z\tand {x} [y].\n\n# Title: "quoted" # no comment\n\n- it\'s 100% `ok`\n';

  it('is valid JSON, lines of JSON, YAML and CSV, whatever the text', async () => {
    for (const text of [hostile, article, '', '🎉', '\u2028\u0085\uFEFFa']) {
      expect(Object.keys(JSON.parse(await compose(text, { path: 'o.json' })))).toEqual([
        'title',
        'extracts',
        'checks',
      ]);
      for (const line of (await compose(text, { path: 'o.jsonl' })).trim().split('\n'))
        expect(JSON.parse(line)).toHaveProperty('text');
      expect(
        parseYaml(await compose(text, { path: 'o.yaml', checks: [{ title: 'a: b', text: 'c: [' }] })),
      ).toMatchObject({ checks: [{ question: 'a: b', answer: 'c: [' }] });
      for (const row of (await compose(text, { path: 'o.csv' })).trimEnd().split('\r\n'))
        expect(row).toMatch(/^(?:[^",]*|"(?:[^"]|"")*"),(?:[^",]*|"(?:[^"]|"")*")$/);
    }
  });

  it('keeps HTML whole when the text has marks in it', async () => {
    const page = await compose(hostile, { path: 'o.html' });
    expect(page).toContain('&quot;a, b&quot;');
    expect(page.match(/<b>|--&gt;|-->/g)).toEqual(['--&gt;', '-->']);
    expect(page.endsWith(comment)).toBe(true);
  });

  it('ends plain text with a plain line, and code with a comment', async () => {
    expect(await compose(article, { path: 'o.txt' })).toMatch(
      /\n\nWritten by Inspan's offline model: [^\n]*\n$/,
    );
    expect(
      (await compose(article, { path: 'o.py' }))
        .trimEnd()
        .split('\n')
        .every((line) => line.startsWith('# ')),
    ).toBe(true);
  });

  it("follows the template in the agent's own text", async () => {
    const ownText =
      'Be brief.\n\n## Output format\n\n```md\n# <name of the product>\n\n## Claims\n\n1. **Claim:** <claim>\n   > {verbatim quote}\n\n## Next\n\n- [what to do]\n- [x] done\n```\n';
    const artifact = await compose(article, { ownText });
    expect(artifact).toMatch(
      /^# Harbor\n\n## Claims\n\n1\. \*\*Claim:\*\* \S.*\n {3}> \S.*\n2\. \*\*Claim:\*\* /,
    );
    expect(artifact).toMatch(/\n## Next\n\n- \S.*\n(?:- .*\n)?- \[x\] done\n/);
    expect(artifact).not.toMatch(/<claim>|\{verbatim|\[what/);
  });

  it('replaces the text of a template without slots, and repeats what stands before dots', async () => {
    const artifact = await compose(article, {
      ownText: 'Write in this shape:\n\n```text\n## Key points\n- First point\n- ...\nVerdict: one line\n```',
    });
    expect(artifact).toMatch(/^## Key points\n(?:- .+\n){4}Verdict: .+\n/);
    expect(artifact).not.toContain('First point');
  });

  it('fills a row for each file, and never invents a verdict', async () => {
    const sources = [
      { path: 'drafts/x.md', text: 'One.' },
      { path: 'drafts/y.md', text: 'Two.' },
      { path: 'source.md', text: article },
    ];
    const artifact = await compose('', {
      sources,
      ownText:
        'Output template:\n```md\n| draft | verdict |\n|---|---|\n| <draft> | <ship | fix> |\n| <draft> | <ship / fix> |\n```'.replace(
          '| <draft> | <ship | fix> |\n',
          '',
        ),
    });
    expect(artifact).toContain('| drafts/x.md | not judged |\n| drafts/y.md | not judged |');
  });

  it('keeps every paragraph within the characters the agent is told, whole graphemes only', async () => {
    for (const text of [
      article,
      '这个版本更快了支持新的接口'.repeat(60),
      '👨‍👩‍👧‍👦'.repeat(200),
      `https://a.example/${'x'.repeat(900)}`,
    ]) {
      for (const ownText of [
        'Each post has at most 280 characters.',
        'At most 280 characters.\n\nFormat:\n```md\n1/<n> <hook>\n\n2/<n> <fact>\n\n...\n```',
      ]) {
        const artifact = await compose(text, { ownText });
        for (const paragraph of artifact.trim().split(/\n{2,}/))
          expect(paragraph.length).toBeLessThanOrEqual(280);
        expect(artifact.isWellFormed()).toBe(true);
        expect(artifact).not.toMatch(/\u200D(?:\s|…|$)/);
      }
    }
  });

  it('keeps the whole within the words the agent is told', async () => {
    const text = Array.from(
      { length: 400 },
      (_, n) => `Sentence ${n} speaks of v1.${n} and topic-${n % 31}.`,
    ).join(' ');
    const checks = [{ title: 'check', text: 'word '.repeat(300) }];
    for (const [ownText, most] of [
      ['Write 150–200 words.', 200],
      ['No more than 60 words!', 60],
      ['At least 20 words, at most 100 words.', 100],
    ] as const) {
      const artifact = await compose(text, { ownText, checks });
      expect(artifact.split(/\s+/).length).toBeLessThanOrEqual(most);
      expect(artifact).toContain(comment.trim());
    }
  });

  it('quotes what tools answered in a section of its own, capped', async () => {
    const text = '```\n2 found, 1 not found\n'.concat('line of detail\n'.repeat(900));
    const artifact = await compose(article, { checks: [{ title: 'check_facts: source.md', text }] });
    expect(artifact).toContain('## check_facts: source.md\n\n````text\n```\n2 found, 1 not found\n');
    expect(artifact.length).toBeLessThan(5_000);
  });

  it('is shorter and without a template when a first artifact was refused', async () => {
    const ownText = 'Format:\n```md\n# Fixed\n- <a>\n```';
    expect(await compose(article, { ownText, plain: true })).not.toContain('Fixed');
  });

  it('is never empty', async () => {
    for (const path of ['o.md', 'o.txt', 'o.json', 'o.jsonl', 'o.csv', 'o.yaml', 'o.html', 'o.ts', 'o']) {
      for (const text of ['', ' \n', '\u200B', '---\n---\n', '<!-- -->']) {
        expect((await compose(text, { path })).trim()).not.toBe('');
      }
      expect((await compose('', { path, sources: [] })).trim()).not.toBe('');
    }
  });
});
