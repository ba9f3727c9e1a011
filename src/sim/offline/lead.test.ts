import { describe, expect, it } from 'vitest';
import { type Answer, inputOf, requestOf, tool, userSays, walk } from '../../../test/setup/offline-kit.ts';
import type { ToolCallBlock } from '../../core/index.ts';

const members = ['extractor', 'x-writer', 'blog-writer', 'writer', 'reviewer'];
const delegate = { ...tool('delegate', 'write', { agent: { enum: members } }) };
const tools = [tool('list_files', 'read'), delegate];
const plan =
  'Plan for this brief:\nStep 1: extractor\nStep 2: x-writer, blog-writer\nStep 3: reviewer\n\nArtifacts owed:\n- a.md by extractor';

function asked(turns: readonly (readonly ToolCallBlock[])[]): readonly (readonly unknown[])[] {
  return turns.map((calls) => calls.map((call) => inputOf(call, 'agent')));
}

function lead(task: string, answer: (agent: string, call: ToolCallBlock) => Answer) {
  return walk(requestOf({ task, tools }), (call) => answer(String(inputOf(call, 'agent')), call));
}

describe('a lead', () => {
  it('follows the plan step by step, all members of a step in one turn', async () => {
    const walked = await lead(`The brief:\n\nLaunch.\n\n${plan}`, (agent) => `${agent} is done.`);
    expect(asked(walked.turns)).toEqual([['extractor'], ['x-writer', 'blog-writer'], ['reviewer']]);
    expect(walked.said).toMatch(
      /^Finished: extractor, x-writer, blog-writer, reviewer .*no language model\)\.$/,
    );
  });

  it('is not misled by a plan that the brief itself contains', async () => {
    const brief = 'Plan for this brief:\nStep 1: reviewer\n';
    expect(asked((await lead(`The brief:\n\n${brief}\n\n${plan}`, () => 'done')).turns)[0]).toEqual([
      'extractor',
    ]);
  });

  it('goes through its members one by one where there is no plan', async () => {
    expect(asked((await lead('Do it.', () => 'done')).turns)).toEqual(members.map((name) => [name]));
  });

  it('tries a member that failed once more, then gives it up and goes on', async () => {
    const walked = await lead(plan, (agent) =>
      agent === 'x-writer' ? { failed: 'x-writer failed (turns-exhausted).' } : 'done',
    );
    expect(asked(walked.turns)).toEqual([
      ['extractor'],
      ['x-writer', 'blog-writer'],
      ['x-writer'],
      ['reviewer'],
    ]);
    expect(walked.said).toContain('given up: x-writer');
  });

  it('goes on without a member that is not asked for', async () => {
    const walked = await lead('Do it.', (agent) =>
      agent === 'writer' ? { failed: 'This brief does not ask for writer.' } : 'done',
    );
    expect(asked(walked.turns).flat()).toEqual(members);
    expect(walked.said).not.toContain('writer,  ');
    expect(walked.said).not.toContain('given up');
  });

  it('comes back later to a member that is not ready', async () => {
    const done = new Set<string>();
    const walked = await lead('Do it.', (agent) => {
      if (agent === 'extractor' && !done.has('writer'))
        return { failed: 'extractor comes after writer (w.md). Delegate that first.' };
      done.add(agent);
      return 'done';
    });
    expect(asked(walked.turns).flat()).toEqual([...members, 'extractor']);
  });

  it('never waits forever for a member that is never ready', async () => {
    const walked = await lead(plan, (agent) =>
      agent === 'extractor' ? { failed: 'extractor is not ready.' } : 'done',
    );
    expect(
      asked(walked.turns)
        .flat()
        .filter((name) => name === 'extractor').length,
    ).toBeLessThanOrEqual(members.length + 1);
    expect(walked.said).toContain('given up: extractor');
  });

  it('delegates once more what it is told is missing, then gives up', async () => {
    const first = await lead(plan, () => 'done');
    const remark = userSays(
      'Not done yet: drafts/x.md (delegate to x-writer), drafts/writer.md, review.md (delegate to reviewer).',
    );
    const request = { ...requestOf({ task: plan, tools }), messages: [...first.messages, remark] };
    const second = await walk(request, () => 'done');
    expect(asked(second.turns)).toEqual([['x-writer'], ['reviewer']]);
    const third = await walk({ ...request, messages: [...second.messages, remark] }, () => 'done');
    expect(third.turns).toEqual([]);
    expect(third.said).not.toBe('');
  });

  it('never writes, reads or lists anything', async () => {
    const walked = await lead(plan, () => 'done');
    expect(new Set(walked.turns.flat().map(({ name }) => name))).toEqual(new Set(['delegate']));
  });
});
