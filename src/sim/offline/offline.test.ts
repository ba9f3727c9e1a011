import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  callsOf,
  endOf,
  events,
  fileTools,
  fromFiles,
  inputOf,
  model,
  replyOf,
  requestOf,
  taskFor,
  textOf,
  tool,
  userSays,
  walk,
  writtenIn,
} from '../../../test/setup/offline-kit.ts';
import type { ToolEffect } from '../../core/index.ts';
import { createMemoryWorkspace, fileTools as workspaceTools } from '../../workspace/index.ts';

const source =
  '# Harbor\n\nHarbor 2.4.0 serves 12,000 requests a second.\n\n- It needs no database.\n- Run `npx harbor up`.\n';
const files = { 'brief.md': '# Brief\n\nTell engineers about Harbor.\n', 'source.md': source };
const task = taskFor(['brief.md', 'source.md'], 'drafts/x.md');

describe('a worker', () => {
  it('reads what it is told in one turn, writes what it owes, and says so in one sentence', async () => {
    const walked = await walk(requestOf({ task }), fromFiles(files));
    expect(
      walked.turns.map((calls) => calls.map(({ name, input }) => [name, inputOf({ input }, 'path')])),
    ).toEqual([
      [
        ['read_file', 'brief.md'],
        ['read_file', 'source.md'],
      ],
      [['write_file', 'drafts/x.md']],
    ]);
    expect(writtenIn(walked)).toContain('Harbor 2.4.0 serves 12,000 requests a second.');
    expect(walked.said).toBe(
      'Wrote drafts/x.md: an extract of source.md; the offline model extracts, it does not write.',
    );
  });

  it('takes the brief as what to look for, and as material only when there is no other', async () => {
    const both = await walk(requestOf({ task }), fromFiles(files));
    expect(writtenIn(both)).not.toContain('Tell engineers');
    const alone = await walk(requestOf({ task: taskFor(['brief.md'], 'o.md') }), fromFiles(files));
    expect(writtenIn(alone)).toContain('Tell engineers about Harbor.');
  });

  it('takes paths without the remarks behind them', async () => {
    const walked = await walk(
      requestOf({ task: taskFor(['my notes.md (1,234 bytes)', '`b.md` (cut)'], 'o.md') }),
      fromFiles({ 'my notes.md': 'Alpha.', 'b.md': 'Beta.' }),
    );
    expect(walked.turns[0]?.map((call) => inputOf(call, 'path'))).toEqual(['my notes.md', 'b.md']);
  });

  it('lists a folder before it reads what is in it', async () => {
    const walked = await walk(requestOf({ task: taskFor(['drafts/'], 'review.md') }), (call) =>
      call.name === 'list_files'
        ? 'drafts/a.md (1,234 bytes)\ndrafts/b c.md (9 bytes)'
        : fromFiles({ 'drafts/a.md': 'Alpha one.', 'drafts/b c.md': 'Beta two.' })(call),
    );
    expect(walked.turns[0]?.map(({ name, input }) => [name, input])).toEqual([
      ['list_files', { path: 'drafts/' }],
    ]);
    expect(walked.turns[1]?.map((call) => inputOf(call, 'path'))).toEqual(['drafts/a.md', 'drafts/b c.md']);
    expect(writtenIn(walked)).toContain('Beta two.');
  });

  it('reads a long file on, a bounded number of times', async () => {
    const offsets: unknown[] = [];
    const walked = await walk(requestOf({ task: taskFor(['long.md'], 'o.md') }), (call) => {
      if (call.name !== 'read_file') return 'ok';
      const offset = Number(inputOf(call, 'offset') ?? 1);
      offsets.push(offset);
      return `Part ${offset} of the story.\n[lines ${offset}-${offset + 199} of 99999; go on with offset ${offset + 200}]`;
    });
    expect(offsets).toEqual([1, 201, 401, 601, 801]);
    expect(writtenIn(walked)).toContain('Part 401 of the story.');
    expect(writtenIn(walked)).not.toContain('go on with');
  });

  it('says what could not be read instead of making something up', async () => {
    const walked = await walk(requestOf({ task: taskFor(['gone.md'], 'o.md') }), fromFiles({}));
    expect(writtenIn(walked)).toContain('There was no text to extract from.');
    expect(walked.said).toContain('nothing could be read');
  });

  it('asks the tools that only read, once for each file that fits, and quotes their answers', async () => {
    const check = tool('check_facts', 'read', {
      draft: { type: 'string', description: 'path of the draft' },
      source: { type: 'string', description: 'path of the source' },
    });
    const reads = ['brief.md', 'source.md', 'drafts/x.md', 'drafts/blog.md'];
    const walked = await walk(
      requestOf({ task: taskFor(reads, 'review.md'), tools: [...fileTools, check] }),
      (call) =>
        call.name === 'check_facts'
          ? `12 checked, 11 found in ${String(inputOf(call, 'draft'))}`
          : fromFiles({ ...files, 'drafts/x.md': 'A thread.', 'drafts/blog.md': 'A post.' })(call),
    );
    expect(walked.turns[1]?.map(({ input }) => input)).toEqual([
      { draft: 'drafts/x.md', source: 'source.md' },
      { draft: 'drafts/blog.md', source: 'source.md' },
    ]);
    expect(writtenIn(walked)).toContain('12 checked, 11 found in drafts/blog.md');
  });

  it('opens files of its skills, at most three, and takes their words for its own', async () => {
    const open = tool('open_skill_file', 'read', {
      path: { enum: ['s/a.md', 's/b.md', 's/c.md', 's/d.md'] },
    });
    const walked = await walk(requestOf({ task, tools: [...fileTools, open] }), (call) =>
      call.name === 'open_skill_file'
        ? '## Output format\n\n```md\n# Fixed heading\n\n- <fact>\n```'
        : fromFiles(files)(call),
    );
    expect(walked.turns[1]?.map((call) => inputOf(call, 'path'))).toEqual(['s/a.md', 's/b.md', 's/c.md']);
    expect(writtenIn(walked)).toMatch(/^# Fixed heading\n\n- /);
  });

  it('tries a refused write once more with plainer content, then stops', async () => {
    const walked = await walk(requestOf({ task: taskFor(['source.md'], 'o.json') }), (call) =>
      call.name === 'write_file' ? { failed: 'The file is too large.' } : fromFiles(files)(call),
    );
    expect(walked.turns.map(([call]) => call?.name)).toEqual(['read_file', 'write_file', 'write_file']);
    expect(walked.said).toBe('The offline model could not write o.json (The file is too large.).');
  });

  it('writes again when it is told that its artifact is not valid, and only once', async () => {
    const first = await walk(requestOf({ task }), fromFiles(files));
    const told = {
      ...requestOf({ task }),
      messages: [...first.messages, userSays('drafts/x.md is not valid.')],
    };
    const second = await walk(told, fromFiles(files));
    expect(second.turns.map(([call]) => call?.name)).toEqual(['write_file']);
    const third = await walk(
      { ...told, messages: [...second.messages, userSays('Still not valid.')] },
      fromFiles(files),
    );
    expect(third.turns).toEqual([]);
    expect(third.said).toContain('could not write');
  });

  it('answers with the artifact itself where that is asked for', async () => {
    const tools = fileTools.filter(({ name }) => name !== 'write_file');
    const walked = await walk(
      requestOf({ task: taskFor(['source.md'], 'o.json', 'Answer'), tools }),
      fromFiles(files),
    );
    expect(JSON.parse(walked.said)).toMatchObject({ title: 'Harbor' });
  });

  it('answers with JSON of the schema it is given', async () => {
    const schema = {
      type: 'object',
      properties: {
        title: { type: 'string' },
        claims: { type: 'array', minItems: 2, items: { type: 'string' } },
      },
      required: ['title', 'claims'],
      additionalProperties: false,
    };
    const request = requestOf({
      task: taskFor(['source.md'], 'o.json', 'Answer'),
      output: { name: 'insights', schema },
    });
    const answer = JSON.parse((await walk(request, fromFiles(files))).said);
    expect(answer).toEqual({
      title: 'Harbor',
      claims: expect.arrayContaining(['Harbor 2.4.0 serves 12,000 requests a second.']),
    });
  });
});

describe('with the real file tools', () => {
  it('reads every page of a long file, and leaves its artifact in the workspace', async () => {
    const workspace = createMemoryWorkspace();
    const long = Array.from(
      { length: 4_000 },
      (_, line) => `Line ${line} tells that harbor ${line} has ${line * 3} berths.`,
    ).join('\n\n');
    const texts = {
      'notes/long.md': long,
      'notes/empty.md': '',
      'notes/wide.txt': 'A wide sea. '.repeat(9_000),
    };
    for (const [path, text] of Object.entries(texts)) await workspace.write(path, text, null);
    const tools = workspaceTools();
    const read: string[] = [];
    const walked = await walk(
      requestOf({ task: taskFor(['notes/'], 'o.md'), tools }),
      async ({ name, input }) => {
        const found = tools.find((one) => one.name === name);
        const parsed = found?.parse(input);
        if (found === undefined || parsed?.ok !== true)
          return { failed: `${name} refused ${JSON.stringify(input)}` };
        const answered = await found.run(parsed.value, {
          agent: 'a',
          key: 'k',
          idempotencyKey: 'job/k',
          workspace,
          signal: new AbortController().signal,
          wait: async () => await Promise.reject(new Error('Nobody waits here')),
        });
        if (!answered.ok) return { failed: answered.failure.message };
        read.push(answered.value.text);
        return answered.value.text;
      },
    );
    expect(walked.turns.flat().filter(({ name }) => name === 'read_file').length).toBeGreaterThan(5);
    expect(read.some((text) => text.includes('Line 3999 tells'))).toBe(true);
    const artifact = await workspace.read('o.md');
    const text = artifact.ok ? new TextDecoder().decode(artifact.value.bytes) : '';
    expect(text).toContain('A wide sea.');
    expect(text).not.toMatch(/go on with|is empty\]/);
    expect(text).toContain('berths.');
  });
});

describe('the model', () => {
  it('never calls a tool of the team that changes the world', async () => {
    const names = fc
      .stringMatching(/^[a-z][a-z_]{2,14}$/)
      .filter((name) => !fileTools.some((own) => own.name === name));
    const effects = fc.constantFrom<ToolEffect>('write', 'outside');
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.tuple(names, effects), { selector: ([name]) => name, minLength: 1, maxLength: 4 }),
        async (changing) => {
          const custom = changing.filter(
            ([name]) => !['delegate', 'open_skill_file', 'edit_file', 'search_files'].includes(name),
          );
          const tools = [
            ...fileTools,
            ...custom.map(([name, effect]) => tool(name, effect, { path: { type: 'string' } })),
          ];
          const walked = await walk(requestOf({ task, tools }), fromFiles(files));
          const called = new Set(walked.turns.flat().map(({ name }) => name));
          expect([...called].filter((name) => custom.some(([other]) => other === name))).toEqual([]);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('says plainly that it is no language model when it is just talked to', async () => {
    const reply = await replyOf(
      requestOf({ task: 'Harbor 2.4.0 is out. It is 3 times faster than before.', tools: [] }),
    );
    expect(textOf(reply)).toContain('no language model');
    expect(textOf(reply)).toContain('Harbor 2.4.0 is out.');
    expect(reply.stop).toBe('done');
  });

  it('gives equal replies to equal requests', async () => {
    const one = await walk(requestOf({ task, prompt: 'Write for engineers.' }), fromFiles(files));
    const two = await walk(requestOf({ task, prompt: 'Write for engineers.' }), fromFiles(files));
    expect(two).toEqual(one);
  });

  it('streams its text in a few pieces that make up the reply', async () => {
    const all = await events(requestOf({ task: 'Harbor is out today. '.repeat(20), tools: [] }));
    const spoken = all.flatMap((event) => (event.type === 'text' ? [event.text] : []));
    const last = all.at(-1);
    expect(spoken.length).toBeGreaterThan(1);
    expect(spoken.length).toBeLessThanOrEqual(4);
    expect(last?.type === 'end' && last.end.type === 'reply' ? textOf(last.end.reply) : null).toBe(
      spoken.join(''),
    );
  });

  it('counts what went in and what came out, the tools included, their effect not', async () => {
    const plain = requestOf({ task: 'x'.repeat(400), prompt: 'y'.repeat(40), tools: [] });
    const { usage } = await replyOf(plain);
    expect(usage.inputTokens).toBe(110);
    expect(usage.cacheReadTokens).toBe(0);
    expect(usage.outputTokens).toBeGreaterThan(0);
    const read = await replyOf({ ...plain, tools: [tool('a', 'read')] });
    const outside = await replyOf({ ...plain, tools: [tool('a', 'outside')] });
    expect(read.usage.inputTokens).toBeGreaterThan(110);
    expect(outside.usage.inputTokens).toBe(read.usage.inputTokens);
  });

  it('asks a reading tool once about the file that is spoken of, where there is no task, and passes on its answer', async () => {
    const look = {
      ...tool('look', 'read'),
      inputSchema: { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] },
    };
    const asked = requestOf({ task: 'What does a.md say?', tools: [look] });
    const { turns, said } = await walk(asked, () => 'Harbor is out.');
    expect(turns.map((calls) => calls.map(({ input }) => input))).toEqual([[{ path: 'a.md' }]]);
    expect(said).toContain('- look: a.md: Harbor is out.');
  });

  it('ends as cancelled when the signal has fired, also in the middle of a stream', async () => {
    expect((await events(requestOf({ task }), AbortSignal.abort())).at(-1)).toMatchObject({
      end: { type: 'failed', failure: { code: 'cancelled' } },
    });
    const controller = new AbortController();
    const seen: unknown[] = [];
    for await (const event of model.stream(
      requestOf({ task: 'Harbor is out today. '.repeat(20), tools: [] }),
      controller.signal,
    )) {
      seen.push(event);
      controller.abort();
    }
    expect(seen).toHaveLength(2);
    expect(seen.at(-1)).toMatchObject({ end: { type: 'failed', failure: { code: 'cancelled' } } });
  });

  it('stops at the output limit, and refuses what is larger than its context', async () => {
    const short = await replyOf(
      requestOf({ task: 'Harbor is out today. '.repeat(20), tools: [], outputTokensMax: 10 }),
    );
    expect(short.stop).toBe('output-limit');
    expect(short.usage.outputTokens).toBeLessThanOrEqual(10);
    expect(await endOf(requestOf({ task: 'a '.repeat(2_100_000), tools: [] }))).toMatchObject({
      type: 'failed',
      failure: { code: 'context-full' },
    });
  });

  it('gives ids that never repeat within a conversation', async () => {
    const walked = await walk(requestOf({ task }), fromFiles(files));
    const ids = walked.turns.flat().map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(callsOf(await replyOf(requestOf({ task })))[0]?.id).toBe(ids[0]);
  });
});
