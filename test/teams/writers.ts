import { defineTeam } from '../../src/inspan.ts';
import {
  callTool,
  callTools,
  type Script,
  type ScriptedModel,
  say,
  scriptedTeam,
} from '../../src/testing.ts';

/** A lead, an extractor, two writers and a reviewer: small, with every kind of dependency. */
export const writers = defineTeam({
  name: 'writers',
  lead: { description: 'Leads.', prompt: 'Lead the team by the plan.' },
  memory: 'We write plainly.',
  input: {
    files: { 'source.md': { tokensMax: 2_000 } },
    params: { platforms: { type: 'array', items: { type: 'string', enum: ['x', 'blog'] } } },
  },
  agents: {
    extractor: { description: 'Extracts.', prompt: 'Extract.', reads: ['source.md'], writes: 'insights.md' },
    'x-writer': {
      description: 'Writes for X.',
      prompt: 'Write a post.',
      reads: ['brief.md', 'insights.md'],
      writes: 'drafts/x.md',
      when: 'x in platforms',
    },
    'blog-writer': {
      description: 'Writes for the blog.',
      prompt: 'Write an article.',
      reads: ['brief.md', 'insights.md'],
      writes: 'drafts/blog.md',
      when: 'blog in platforms',
    },
    reviewer: {
      description: 'Reviews.',
      prompt: 'Review.',
      reads: ['source.md', 'drafts/'],
      writes: 'review.md',
      last: true,
    },
  },
  result: { insights: 'insights.md', drafts: 'drafts/*.md', review: 'review.md' },
});

/** What each member writes: words that stand nowhere else, so that a test can look for them. */
export const artifacts = {
  'insights.md': 'INSIGHTS zebra quartz waltz over the lazy fjord',
  'drafts/x.md': 'POST vexed nymphs juggle brisk boxes',
  'drafts/blog.md': 'ARTICLE jackdaws love my big sphinx',
  'review.md': 'REVIEW five boxing wizards jump at dawn',
} as const;

/** A member's script: read what is there to read, write the artifact, say so and quote it. */
export function member(path: keyof typeof artifacts, reads: readonly string[]): Script {
  return [
    callTools(reads.map((read) => ({ name: 'read_file', input: { path: read } }))),
    callTool('write_file', { path, content: artifacts[path] }),
    say(`Wrote it: ${artifacts[path]}`),
  ];
}

/** Scripts in which everyone does as asked, for a brief that asks for both platforms. */
export function goodScripts(): Record<string, Script> {
  return {
    lead: [
      callTool('delegate', { agent: 'extractor' }),
      callTools([
        { name: 'delegate', input: { agent: 'x-writer' } },
        { name: 'delegate', input: { agent: 'blog-writer' } },
      ]),
      callTool('delegate', { agent: 'reviewer' }),
      callTool('list_files', {}),
      say('All is written.'),
    ],
    extractor: member('insights.md', ['source.md']),
    'x-writer': member('drafts/x.md', ['brief.md', 'insights.md']),
    'blog-writer': member('drafts/blog.md', ['brief.md', 'insights.md']),
    reviewer: member('review.md', ['source.md', 'drafts/x.md', 'drafts/blog.md']),
  };
}

/** A model that plays the whole team well. */
export function goodTeam(): ScriptedModel {
  return scriptedTeam(goodScripts());
}

/** A brief that asks for everyone. */
export const wholeBrief = {
  brief: 'Launch it.',
  files: { 'source.md': '# Source\n\nA tool that counts to 42.\n' },
  params: { platforms: ['x', 'blog'] as ('x' | 'blog')[] },
};
