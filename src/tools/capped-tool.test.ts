import { expect, it } from 'vitest';
import { z } from 'zod';
import { ok, type Tool, type ToolCall } from '../core/index.ts';
import { createMemoryWorkspace } from '../workspace/index.ts';
import { cappedTool, toolResultsFolder } from './capped-tool.ts';
import { tool } from './tool.ts';

function answering(text: string): Tool {
  return tool({ name: 'search', purpose: 'p', input: z.object({}), run: () => text });
}

function callIn(workspace: ToolCall['workspace']): ToolCall {
  const key = 'writer/turn-1/search';
  const wait = async () => await Promise.reject(new Error('Nobody waits here'));
  return {
    agent: 'writer',
    key,
    idempotencyKey: `job/${key}`,
    workspace,
    signal: new AbortController().signal,
    wait,
  };
}

it('a short answer is told as it is, and nothing is written', async () => {
  const workspace = createMemoryWorkspace();
  expect(await cappedTool(answering('short'), 200).run({}, callIn(workspace))).toEqual(ok({ text: 'short' }));
  expect(await workspace.list()).toEqual([]);
});

it('a long answer is capped, and the whole of it is in the file it names, also when called again', async () => {
  const workspace = createMemoryWorkspace();
  const whole = 'word '.repeat(1_000);
  const capped = cappedTool(answering(whole), 300);
  const first = await capped.run({}, callIn(workspace));
  expect(await capped.run({}, callIn(workspace))).toEqual(first);
  const [file, ...others] = await workspace.list();
  expect(others).toEqual([]);
  expect(file?.path).toMatch(new RegExp(`^${toolResultsFolder('writer')}`));
  expect(first.ok && first.value.text.length).toBeLessThanOrEqual(300);
  expect(first.ok && first.value.text).toContain(file?.path);
  const read = await workspace.read(file?.path ?? '');
  expect(read.ok && new TextDecoder().decode(read.value.bytes)).toBe(whole);
});

it('a place that may not be written is not named', async () => {
  const workspace = createMemoryWorkspace().scope({ reads: ['a.md'], writes: [] });
  const result = await cappedTool(answering('word '.repeat(1_000)), 300).run({}, callIn(workspace));
  expect(result.ok && result.value.text).toContain('Ask for less');
});
