import { describe, expect, it } from 'vitest';
import { totalInputTokens, totalOutputTokens } from '../core/index.ts';
import { defineTeam } from './define-team.ts';
import { artifactTokens, callTokens, type EstimateParts, estimateJob, sentenceTokens } from './estimate.ts';
import { compileTeam } from './run/compile.ts';
import { type BriefView, briefFile } from './run/task.ts';

const agents = {
  scout: { prompt: 'Find facts.', reads: ['source.md'], writes: 'facts.md' },
  writer: { prompt: 'Write a post.', reads: ['facts.md'], writes: 'post.md', when: 'post' },
  judge: {
    prompt: 'Judge.',
    reads: ['post.md'],
    writes: 'verdict.json',
    output: { type: 'object' },
    last: true,
  },
} as const;
const input = { files: { 'source.md': {} }, params: { post: { type: 'boolean' } } } as const;
const compiled = compileTeam(defineTeam({ agents, input }));
const pipeline = compileTeam(defineTeam({ agents, input, pattern: 'pipeline' }));

function parts(text: string, post = true): EstimateParts {
  const brief: BriefView = {
    text: 'Go.',
    params: { post },
    files: [{ path: 'source.md', characters: text.length }],
  };
  return {
    compiled,
    brief,
    seeds: [
      { path: 'brief.md', text: briefFile(brief) },
      { path: 'source.md', text },
    ],
    countTokens: (counted) => counted.length,
    modelIdOf: () => 'test/model',
    costOf: (_model, usage) => totalInputTokens(usage) + 10 * totalOutputTokens(usage),
    tokenFactorOf: () => 1,
  };
}

function agent(name: string, given: EstimateParts) {
  const found = estimateJob(given).agents.find((each) => each.name === name);
  if (found === undefined) throw new Error(`${name} is not in the estimate`);
  return found;
}

describe('an estimate', () => {
  it('is about those whom the brief asks for, the lead first', () => {
    const names = (given: EstimateParts) => estimateJob(given).agents.map(({ name }) => name);
    expect(names(parts('text'))).toEqual(['lead', 'scout', 'writer', 'judge']);
    expect(names(parts('text', false))).toEqual(['lead', 'scout', 'judge']);
    expect(names({ ...parts('text'), compiled: pipeline })).toEqual(['scout', 'writer', 'judge']);
  });

  it('counts an input file exactly, once for every turn that sends it again', () => {
    const [short, long] = [agent('scout', parts('x'.repeat(100))), agent('scout', parts('x'.repeat(1100)))];
    expect(short.turns).toBe(3);
    expect(long.inputTokens - short.inputTokens).toBe(1000 * 2);
  });

  it('assumes what nobody has written yet', () => {
    const { outputTokens } = agent('scout', parts('text'));
    expect(outputTokens).toBe(callTokens + (callTokens + artifactTokens) + sentenceTokens);
  });

  it('knows that structured output needs no turn to write', () => {
    const judge = agent('judge', parts('text'));
    expect([judge.turns, judge.outputTokens]).toEqual([2, callTokens + artifactTokens]);
  });

  it('adds up to its total, and what is unknown of one is unknown of all', () => {
    const { agents: all, total } = estimateJob(parts('text'));
    expect(total.inputTokens).toBe(all.reduce((sum, { inputTokens }) => sum + inputTokens, 0));
    expect(total.costMicroUsd).toBe(total.inputTokens + 10 * total.outputTokens);
    const unpriced: EstimateParts = { ...parts('text'), costOf: () => 'unknown' };
    expect(estimateJob(unpriced).total.costMicroUsd).toBe('unknown');
  });

  it('never says that the most is less than the expected', () => {
    for (const { costMicroUsd, costMicroUsdMax } of estimateJob(parts('text')).agents) {
      expect(costMicroUsdMax).toBeGreaterThanOrEqual(costMicroUsd as number);
    }
  });

  it('counts in the tokens of the model', () => {
    const [plain, dense] = [
      agent('lead', parts('t')),
      agent('lead', { ...parts('t'), tokenFactorOf: () => 1.3 }),
    ];
    expect(dense.inputTokens).toBe(Math.round(plain.inputTokens * 1.3));
  });
});
