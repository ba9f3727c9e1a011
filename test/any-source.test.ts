import { beforeAll, describe, expect, it } from 'vitest';
import { createInspan, type EndedJob, type Inspan, type Team } from '../src/inspan.ts';

/** Sources of many kinds, and words of each that the result must show. */
const sources: readonly (readonly [string, string, readonly string[]])[] = [
  ['twenty bytes', '# Hi\n\nA small tool.\n', ['A small tool']],
  ['one word', 'Zettelkasten', ['Zettelkasten']],
  [
    'English',
    '# Brook\n\nBrook streams 12,000 rows per second. It needs Node 22.\n',
    ['12,000 rows per second'],
  ],
  ['German', '# Bächlein\n\nBächlein liest 3,5 GB in 2 s. Es läuft überall.\n', ['3,5 GB']],
  ['Chinese', '# 小溪\n\n小溪每秒处理一万二千行数据。它不需要配置。\n', ['小溪每秒处理一万二千行数据']],
  ['Japanese', '# 小川\n\n小川は設定なしで動きます。毎秒12000行を処理します。\n', ['設定なしで動きます']],
  ['Arabic', '# جدول\n\nيعالج جدول اثني عشر ألف صف في الثانية. لا يحتاج إلى إعداد.\n', ['اثني عشر ألف صف']],
  ['Hindi', '# धारा\n\nधारा प्रति सेकंड 12000 पंक्तियाँ पढ़ती है। इसे किसी सेटिंग की ज़रूरत नहीं।\n', ['12000 पंक्तियाँ']],
  ['Thai', '# ลำธาร\n\nลำธารประมวลผลสิบสองพันแถวต่อวินาที\n', ['ลำธารประมวลผล']],
  [
    'Russian',
    '# Ручей\n\nРучей читает 12 000 строк в секунду. Настройка не нужна.\n',
    ['12 000 строк в секунду'],
  ],
  ['only code', '```sh\nbrook serve --port 8080\n```\n', ['brook serve --port 8080']],
  ['only a table', '| flag | what |\n|---|---|\n| --fast | skips checks |\n', ['skips checks']],
  ['only emoji', '🚀🚀🚀 🎉\n', ['🚀']],
  ['Windows line ends', '# Brook\r\n\r\nBrook keeps every line end.\r\n', ['Brook keeps every line end']],
];

describe('the launch kit on the offline model', () => {
  let inspan: Inspan;
  let team: Team;
  beforeAll(async () => {
    inspan = createInspan({ environment: {}, model: 'offline' });
    team = await inspan.loadTeam('examples/launch-kit');
  });

  async function launch(source: string | Uint8Array): Promise<EndedJob> {
    const job = await inspan.start(team, { files: { 'source.md': source }, params: { platforms: ['x'] } });
    return await job.outcome();
  }

  it.each(sources)('makes insights, the X draft and a review of %s', async (_, source, words) => {
    const { outcome, result } = await launch(source);
    expect(outcome).toBe('done');
    const { insights, drafts, review } = result as {
      insights: string;
      drafts: Record<string, string>;
      review: string;
    };
    expect(Object.keys(drafts)).toEqual(['x']);
    for (const word of words) expect(`${insights}\n${drafts['x']}`).toContain(word);
    expect(review).toContain('check_facts: drafts/x.md');
  });

  it('cuts five megabytes to what fits, says so, and works on the beginning', async () => {
    const paragraphs = Array.from(
      { length: 60_000 },
      (_, index) => `Paragraph ${index} speaks of brook number ${index} at length, for once.`,
    );
    const { outcome, cuts, result, files } = await launch(
      `# Brook\n\n${paragraphs.join('\n\n')}`.slice(0, 5_000_000),
    );
    expect([outcome, cuts.map(({ path, tokensMax }) => [path, tokensMax])]).toEqual([
      'done',
      [['source.md', 20_000]],
    ]);
    expect(files['source.md']).toMatch(
      /\[Cut here by Inspan: the first \d+ of \d+ characters are above, the rest is missing\.\]\n$/,
    );
    expect(result['insights']).toContain('Paragraph');
  });

  it('takes a file with a byte order mark and one in UTF-16 for what they are', async () => {
    const text = '# Brook\n\nBrook reads both spellings of a file.\n';
    for (const bytes of [Buffer.from(`\uFEFF${text}`), Buffer.from(`\uFEFF${text}`, 'utf16le')]) {
      const { result } = await launch(bytes);
      expect(result['insights']).toContain('Brook reads both spellings');
    }
  });
});
