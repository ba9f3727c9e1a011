import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkDraft, writeReport } from './tools/_facts/check-draft.ts';
import { readClaims } from './tools/_facts/read-claims.ts';

/** What is found and what is not, as `kind text`. */
function check(draft: string, source: string): { found: readonly string[]; missing: readonly string[] } {
  const { found, missing } = checkDraft(draft, source);
  return {
    found: found.map(({ claim }) => `${claim.kind} ${claim.text}`),
    missing: missing.map(({ claim }) => `${claim.kind} ${claim.text}`),
  };
}

/** One fact in a draft, the source it is held against, and whether the source states it. */
type Row = readonly [draft: string, source: string, claim: string, found: boolean];

function table(rows: readonly Row[]): void {
  for (const [draft, source, claim, isFound] of rows) {
    it(`${isFound ? 'finds' : 'misses'} ${JSON.stringify(draft)} in ${JSON.stringify(source.slice(0, 60))}`, () => {
      const { found, missing } = check(draft, source);
      expect(isFound ? found : missing).toContain(claim);
      expect(isFound ? missing : found).not.toContain(claim);
    });
  }
}

describe('numbers', () => {
  table([
    ['It ran 1,000 jobs.', 'It ran 1000 jobs.', 'number 1,000', true],
    ['Es liefen 1.000 Jobs.', 'It ran 1,000 jobs.', 'number 1.000', true],
    ['Il y a 1 000 tâches.', 'There are 1,000 tasks.', 'number 1 000', true],
    ["Es sind 1'000.", 'There are 1000.', "number 1'000", true],
    ['There are 10 000 users.', 'There are 10 users.', 'number 10 000', false],
    ['It grew to 1,00,000 rupees.', 'It grew to 100000 rupees.', 'number 1,00,000 rupees', true],
    ['A factor of 1.5 here', 'A factor of 1,5 here', 'number 1.5', true],
    ['It is 2.50 long', 'It is 2.5 long', 'number 2.50', true],
    ['It has 35 parts', 'It has 3.5 parts', 'number 35', false],
    ['10k users', '10,000 users', 'number 10k', true],
    ['10,000 users', '10k users', 'number 10,000', true],
    ['10 users', '10k users', 'number 10', false],
    ['1.2 million users', '1,200,000 users', 'number 1.2 million', true],
    ['3 Mio. Nutzer', '3 million users', 'number 3 Mio', true],
    ['用户达到5万', '50,000 users', 'number 5万', true],
    ['支持５种模型', 'supports 5 models', 'number 5', true],
    ['يدعم ٢٥ لغة', 'supports 25 languages', 'number 25', true],
    ['२५ भाषाएँ', '25 languages', 'number 25', true],
    ['p99 is not 99 here', 'p99 is here', 'number 99', false],
    ['x² is 10² or 102', '10² only', 'number 102', false],
    ['- 7 lanes', '1. one\n7. seven', 'number 7', false],
    ['42 agents', 'see https://example.com/issues/42', 'number 42', false],
    ['in row 123', 'in row 124', 'number 123', false],
    ['on 2026-03-01', 'on 2026-03-02', 'number 2026-03-01', false],
    ['at 16:9', 'in 16:9', 'number 16:9', true],
    ['at 1920x1080', 'at 1920 × 1080', 'number 1920x1080', true],
    ['about 3/4 of teams', 'about 3/4 of teams', 'number 3/4', true],
  ]);
});

describe('units', () => {
  table([
    ['200 ms', 'takes 200 milliseconds', 'number 200 ms', true],
    ['200 ms', 'takes 200 s', 'number 200 ms', false],
    ['200ms', 'takes 200 ms', 'number 200ms', true],
    ['a 5-minute read', '5 minutes', 'number 5-minute', true],
    ['5 Minuten', '5 minutes', 'number 5 Minuten', true],
    ['5分钟内', '5 minutes', 'number 5分钟', true],
    ['40%', '40 percent', 'number 40%', true],
    ['40 %', '40%', 'number 40 %', true],
    ['４０％', '40%', 'number 40%', true],
    ['40%', '40 agents', 'number 40%', false],
    ['40%', '40 agents are 30% faster', 'number 40%', false],
    ['12 ms', '| path | latency (ms) |\n|---|---|\n| a | 12 |', 'number 12 ms', true],
    ['10x faster', '10 times faster', 'number 10x', true],
    ['$50', '50 USD', 'number $50', true],
    ['$50', 'USD 50', 'number $50', true],
    ['€0.50', '0,50 €', 'number €0.50', true],
    ['$50', '€50', 'number $50', false],
    ['$5M', '$5 million', 'number $5M', true],
    ['100元', '¥100', 'number 100元', true],
    ['4 GB', '4 MB', 'number 4 GB', false],
  ]);
});

describe('ranges', () => {
  table([
    ['10–20 ms', 'between 10 ms and 20 ms', 'number 10–20 ms', true],
    ['10-20%', '10 to 20 percent', 'number 10-20%', true],
    ['$5-10', '$5 or $10', 'number $5-10', true],
    ['10 to 30 ms', '10–20 ms', 'number 10 to 30 ms', false],
    ['10〜20分', '10-20 minutes', 'number 10〜20分', true],
  ]);
});

describe('versions', () => {
  table([
    ['since v1.2.3', 'Version 1.2.3', 'version v1.2.3', true],
    ['since v1.2', 'v1.2.3 is out', 'version v1.2', true],
    ['since 1.2.3', 'v1.2 is out', 'version 1.2.3', false],
    ['since v1.2.3', 'v1.2.3-rc.1 is out', 'version v1.2.3', false],
    ['v2', 'version 2 is out', 'version v2', true],
    ['v2', 'takes 2.5 s', 'version v2', false],
    ['Node 22', 'Node.js >= 22.18', 'number Node 22', true],
    ['Node.js 22', '"engines": { "node": ">=22.18" }', 'number Node.js 22', true],
    ['Node 18', 'Node >= 22.18, 18 tests', 'number Node 18', false],
    ['Node 24', 'Node 20, 22 and 24', 'number Node 24', true],
    ['TypeScript 7', 'TypeScript 6 and 7 rooms', 'number TypeScript 7', true],
    ['PostgreSQL 14', 'Postgres ≥ 15; 14 tables', 'number PostgreSQL 14', false],
    ['Acme 2.1', 'Acme 2.0, about 2.1 MB', 'number Acme 2.1', false],
    ['Next 5 steps', '5 steps', 'number 5', true],
    ['it is 1.2 today', 'v1.2 is out', 'number 1.2', true],
  ]);
});

describe('URLs', () => {
  table([
    ['See https://acme.dev/docs.', '[docs](https://acme.dev/docs/)', 'url https://acme.dev/docs', true],
    ['See http://www.acme.dev', '<https://acme.dev/#start>', 'url http://www.acme.dev', true],
    ['(https://acme.dev/a_(b))', 'https://acme.dev/a_(b)', 'url https://acme.dev/a_(b)', true],
    ['https://github.com/a/b', 'git clone https://github.com/a/b.git', 'url https://github.com/a/b', true],
    ['https://acme.dev/doc', 'https://acme.dev/docs', 'url https://acme.dev/doc', false],
    ['https://acme.dev/Docs', 'https://acme.dev/docs', 'url https://acme.dev/Docs', false],
    ['github.com/a/b', 'https://github.com/a/b', 'url github.com/a/b', true],
    ['见 https://acme.dev，然后', 'https://acme.dev', 'url https://acme.dev', true],
    ['[docs](https://acme.dev/x "t")', 'https://acme.dev/x t', 'url https://acme.dev/x', true],
    ['https://acme.dev/?utm_source=x', 'https://acme.dev', 'url https://acme.dev/?utm_source=x', true],
  ]);
});

describe('code and names', () => {
  table([
    ['Run `npm install acme`.', 'npm  install acme', 'code `npm install acme`', true],
    ['Run `npm i acme`.', 'npm install acme', 'code `npm i acme`', false],
    ['`createAcme()` starts', 'createAcme(options)', 'code `createAcme()`', true],
    ['`createacme`', 'createAcme', 'code `createacme`', false],
    ['`run`', 'running', 'code `run`', false],
    ['`--dry`', '--dry-run', 'code `--dry`', false],
    ['`launch-kit`', 'the launch-kits', 'code `launch-kit`', false],
    ['`say "hi"`', 'say “hi”', 'code `say "hi"`', true],
    ['`1.2.3`', 'v1.2.3', 'version `1.2.3`', true],
    ['`200 ms`', '0.2 s', 'number `200 ms`', false],
    ['use createAcme today', 'createAcme()', 'name createAcme', true],
    ['set max_turns', 'maxTurns', 'name max_turns', false],
    ['pass --json', 'pass `--json`', 'name --json', true],
    ['install @acme/core', '@acme/cli', 'name @acme/core', false],
    ['in src/core/index.ts', './src/core/index.ts', 'name src/core/index.ts', true],
    ['in config.ts', 'my-config.ts', 'name config.ts', false],
    ['works with GitHub', 'github.com', 'name GitHub', true],
    ['works with GPT-4', 'works with GPT-5', 'name GPT-4', false],
    ['a p95 of', 'a P95 of', 'name p95', true],
    ['runs on Node.js', 'needs Node 22', 'name Node.js', true],
    ['write to a@acme.dev', 'b@acme.dev', 'name a@acme.dev', false],
  ]);

  it('reads a code block line by line, without comments and prompts', () => {
    const draft = '```sh\n# first\n$ npm ci\nnpm test # all of it\n\n}\nnpm run nothing\n```\n';
    const { found, missing } = check(draft, 'npm ci\nnpm test\n');
    expect(found).toEqual(['command npm ci', 'command npm test # all of it']);
    expect(missing).toEqual(['command npm run nothing']);
  });

  it('reads a draft that is wrapped in a Markdown fence as prose', () => {
    expect(check('```markdown\nIt runs 12 jobs.\n```', '12').found).toEqual(['number 12']);
  });
});

describe('quotations', () => {
  const source =
    'Jane said: “We cut costs by **40%**,\nin two weeks.” 他说：今天发布 新版本。\n> Ship it, then measure.\n';
  table([
    ['“We cut costs by 40%, in two weeks”', source, 'quote “We cut costs by 40%, in two weeks”', true],
    ['"we cut costs by 40%"', source, 'quote "we cut costs by 40%"', true],
    ['„We cut costs“', source, 'quote „We cut costs“', true],
    ['« We cut costs »', source, 'quote « We cut costs »', true],
    ['»We cut costs«', source, 'quote »We cut costs«', true],
    ['他说「今天发布」', source, 'quote 「今天发布」', true],
    ['“We cut … in two weeks.”', source, 'quote “We cut ... in two weeks.”', true],
    ['“in two weeks … We cut”', source, 'quote “in two weeks ... We cut”', false],
    ['“[They] cut costs”', source, 'quote “[They] cut costs”', true],
    ['“We doubled revenue”', source, 'quote “We doubled revenue”', false],
    ['“e cut cost”', source, 'quote “e cut cost”', false],
    ['> Ship it,\n> then measure.\n> — Jane', source, 'quote Ship it, then measure.', true],
    ['“it’s here”', 'it&#39;s here', 'quote “it’s here”', true],
    ['> Ship it, then rest.', source, 'quote Ship it, then rest.', false],
  ]);

  it('is one fact: what stands in it is not checked a second time', () => {
    expect(check('“We cut costs by 40%”', source).found).toEqual(['quote “We cut costs by 40%”']);
  });
});

describe('what states nothing', () => {
  it.each([
    ['a comment', '<!-- 999 jobs -->'],
    ['a comment over lines with a fence', '<!--\n```sh\nnpm no\n```\n12 -->'],
    ['a numbered list', '1. one\n2) two\n  3. three\n- 4. four'],
    ['numbered headings', '## 1. Why\n**2. How**\n### Step 3: Go\n**Post 4**\n## 第5步'],
    ['thread counters', '1/3\nfirst\n\n2/3 second\n\nthird (3/3)'],
    ['open thread counters', '1/ first\n2/ second'],
    ['keycaps and circled digits', '1️⃣ one ② two'],
    ['hashtags', '#100DaysOfCode #TypeScript'],
    ['footnote marks', 'faster[1] and[^2] better'],
    ['tags', '<img width="600" height="400">'],
    ['an apostrophe', "it's the team's job"],
    ['inches', 'a wide" screen'],
    ['hyphenated words', 'open-source, real-time and state-of-the-art'],
    ['both of two', 'and/or either'],
  ])('%s', (_, draft) => {
    expect(readClaims(draft)).toEqual([]);
  });

  it('a comment that never ends is still read', () => {
    expect(check('<!-- It runs 12 jobs', '').missing).toEqual(['number 12']);
  });
});

describe('the report', () => {
  const source = '# Acme\n\nThe p95 latency is 204 ms.\n\nSee https://acme.dev/docs and call `createAcme`.\n';

  it('counts first, then lists what is missing with the nearest thing in the source', () => {
    const draft = 'p95 latency: 240 ms\n\nhttps://acme.dev/doc and `createAcmes` with 204 ms\n';
    expect(writeReport(checkDraft(draft, source), 'source.md').split('\n')).toEqual([
      '5 checked, 2 found, 3 not found',
      '',
      'Not found in source.md in this form:',
      '- draft line 1: number 240 ms | nearest is line 3: The p95 latency is 204 ms.',
      '- draft line 3: url https://acme.dev/doc | nearest is line 5: https://acme.dev/docs',
      '- draft line 3: code `createAcmes` | nearest is line 5: createAcme',
      '',
      'Found in source.md: p95 (line 3), 204 ms (line 3)',
    ]);
  });

  it('shows the version that the source gives of the same thing', () => {
    const [missing] = checkDraft('Needs Node 20.', 'One.\n\nNeeds Node >= 22.18.\n').missing;
    expect(missing?.nearest).toEqual({ line: 3, text: 'Needs Node >= 22.18.' });
  });

  it('names every line that states a fact, once', () => {
    const { missing } = checkDraft('7 of\n\n7 and 7\n', '');
    expect(missing.map(({ claim }) => claim.lines)).toEqual([[1, 3]]);
  });

  it('says so when a draft states nothing', () => {
    expect(writeReport(checkDraft('Hello.', source), 'source.md')).toMatch(
      /^0 checked, 0 found, 0 not found\nThe draft states no/,
    );
  });

  it('stays short for a draft full of facts', () => {
    const draft = Array.from({ length: 3_000 }, (_, position) => `${position + 10_000} jobs`).join('\n\n');
    const report = writeReport(checkDraft(draft, source), 'source.md');
    expect(report).toContain('1000 checked, 0 found, 1000 not found (the draft');
    expect(report.split('\n').length).toBeLessThan(90);
  });
});

describe('always', () => {
  it('everything a text states is found in that text', () => {
    const piece = fc.constantFrom(
      '1,000 jobs',
      '10–20 ms',
      '$5M',
      'v1.2.3',
      'Node >= 22.18',
      'https://acme.dev/docs/',
      '`npm ci`',
      'createAcme',
      '“so be it”',
      '40%',
      '1/3',
      '支持5种',
      'p95',
      'max_turns',
      '--json',
      '.',
      '\n',
      '\n\n> quoted',
      '```sh\nnpm ci\n```',
      '٢٥',
      '½',
      '"',
      '«',
      '<!--',
      '10²',
    );
    const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(' \n'));
    const holds = fc.property(text, (same) => {
      expect(check(same, same).missing).toEqual([]);
    });
    fc.assert(holds, { numRuns: 300 });
  });

  it('no text breaks it', () => {
    const any = fc.string({ unit: 'binary', maxLength: 200 });
    fc.assert(
      fc.property(any, any, (draft, source) => void writeReport(checkDraft(draft, source), 'source.md')),
    );
  });

  it.each([
    ['spaces', ' '],
    ['brackets', '['],
    ['marks', '"a '],
    ['backticks', '`'],
    ['tags', '<a '],
    ['dots', '1.'],
    ['paths', 'a/'],
    ['quoted lines', '> '],
    ['prose', 'The team ran 1,204 jobs in 12 ms (see `createAcme` and https://acme.dev/docs).\n'],
  ])('a source of 5 MB takes no more than moments: %s', (_, piece) => {
    const source = piece.repeat(5_000_000 / piece.length);
    const started = performance.now();
    checkDraft('It ran 12 ms, “not there”, `no such code`, v9.9.9.', source);
    // Ten times what it takes alone on a slow machine: wide enough for a busy one, far from quadratic.
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});
