import { isJsonObject, type ModelRequest } from '../../core/index.ts';
import { composeArtifact, pickExtracts } from './compose/compose.ts';
import type { Conversation, PastCall } from './conversation.ts';
import { cutAtWord } from './extract/cut-text.ts';
import { extractFrom, type Source } from './extract/extract.ts';
import { checksOf, gather, openedSkillFiles, questions } from './gather.ts';
import type { Move } from './move.ts';
import { readTask, type Task } from './read-protocol.ts';
import { fillSchema } from './schema/fill-schema.ts';
import { createSupply } from './schema/supply.ts';

/** A first try and one after a refusal. */
const writesMax = 2;

/** What a worker has to do its work with. */
interface Work {
  readonly request: ModelRequest;
  readonly conversation: Conversation;
  /** What there is to extract from. */
  readonly sources: readonly Source[];
  /** What the person asked for: it decides what to look for, like the agent's own prompt. */
  readonly brief: string;
  readonly signal: AbortSignal;
}

/** Decides what a worker does next: read, ask its tools, write what it owes, say that it is done. */
export async function workerMove(
  request: ModelRequest,
  conversation: Conversation,
  signal: AbortSignal,
): Promise<Move> {
  const task = readTask(conversation.task);
  if (task === null) return await chatMove({ request, conversation, sources: [], brief: '', signal });
  const { sources, paths, calls } = gather(task.reads, request.tools, conversation);
  if (calls.length > 0) return { type: 'call', calls };
  const asked = questions(
    request.tools,
    sources.length > 0 ? sources.map(({ path }) => path) : paths,
    conversation,
  );
  if (asked.length > 0) return { type: 'call', calls: asked };
  const work = { request, conversation, sources: materialOf(sources), brief: briefOf(sources), signal };
  if (request.output !== undefined) return { type: 'say', text: await structured(work) };
  const canWrite = request.tools.some(({ name }) => name === 'write_file');
  return canWrite && task.writes.length > 0
    ? await writeMove(task, work)
    : { type: 'say', text: await answer(task, work) };
}

/** Without a protocol there is only the last thing said to extract from, and what reading tools say of it. */
async function chatMove(work: Work): Promise<Move> {
  const { request, signal, conversation } = work;
  const text = conversation.followUps.at(-1)?.text ?? conversation.task;
  const calls = questions(request.tools, filesNamedIn(text), conversation);
  if (calls.length > 0) return { type: 'call', calls };
  const sources = [{ path: 'message', text }];
  if (request.output !== undefined) return { type: 'say', text: await structured({ ...work, sources }) };
  const extracts = await extractFrom(sources, told(work), signal);
  const answers = checksOf(conversation).map(
    (check) => `- ${check.title}: ${cutAtWord(check.text.replaceAll(/\s+/g, ' '), answerCharactersMax)}`,
  );
  const lines = [...pickExtracts(extracts, chatWords).map((pick) => `- ${pick.text}`), ...answers];
  const body = lines.length === 0 ? 'There was no text to extract from.' : lines.join('\n');
  return {
    type: 'say',
    text: `Inspan's offline model is no language model; this is an extract of your message.\n\n${body}`,
  };
}

const chatWords = 120;

/** As much of a tool's answer as a line of a list can bear. */
const answerCharactersMax = 600;

/** Words with an extension: `a.md`, `notes/plan.yaml`. */
function filesNamedIn(text: string): readonly string[] {
  return [...new Set(text.match(/[\w-][\w./-]*\.[a-z][a-z0-9]{1,4}\b/gi))];
}

async function writeMove({ writes }: Task, work: Work): Promise<Move> {
  const standings = writes.map((path) => ({ path, ...standing(path, work.conversation) }));
  const open = standings.filter(({ state }) => state === 'open');
  const calls = [];
  for (const { path, attempts } of open) {
    const content = await compose(path, attempts > 0, work);
    calls.push({ name: 'write_file', input: { path, content } });
  }
  if (calls.length > 0) return { type: 'call', calls };
  const lost = standings.filter(({ state }) => state === 'lost').map(({ path, why }) => `${path} (${why})`);
  if (lost.length > 0) return { type: 'say', text: `The offline model could not write ${lost.join(', ')}.` };
  return {
    type: 'say',
    text: `Wrote ${writes.join(', ')}: ${extractOf(work.sources)}; the offline model extracts, it does not write.`,
  };
}

interface Standing {
  readonly state: 'open' | 'done' | 'lost';
  readonly attempts: number;
  readonly why: string;
}

/** What came of the writes so far. A remark of the user after a write says that it was not good. */
function standing(path: string, { calls, followUps }: Conversation): Standing {
  const writes = calls.filter((call) => call.name === 'write_file' && isAbout(call, path));
  const last = writes.at(-1);
  const attempts = writes.length;
  if (last === undefined) return { state: 'open', attempts, why: '' };
  const remark = followUps.findLast(({ at }) => at > last.at)?.text;
  const problem = last.answer?.failed === false ? remark : (last.answer?.text ?? 'the call was not answered');
  if (problem === undefined) return { state: 'done', attempts, why: '' };
  const why = cutAtWord(problem.split('\n')[0] ?? '', 160);
  return { state: attempts < writesMax ? 'open' : 'lost', attempts, why };
}

function isAbout({ input }: PastCall, path: string): boolean {
  return isJsonObject(input) && input['path'] === path;
}

/** Where the answer is the artifact, its path says the form; a remark asks for a plainer one. */
async function answer({ answers, writes }: Task, work: Work): Promise<string> {
  const path = answers[0] ?? writes[0] ?? 'answer.md';
  return await compose(path, work.conversation.followUps.length > 0, work);
}

async function compose(path: string, plain: boolean, work: Work): Promise<string> {
  const { request, conversation, sources, signal } = work;
  const parts = {
    path,
    sources,
    ownText: told(work),
    checks: checksOf(conversation),
    plain,
  };
  return await composeArtifact({ ...parts, tokensMax: request.outputTokensMax }, signal);
}

async function structured(work: Work): Promise<string> {
  const { request, conversation, sources, signal } = work;
  const extracts = await extractFrom(sources, told(work), signal);
  const plain = conversation.followUps.length > 0;
  const supply = createSupply(
    extracts,
    pickExtracts(extracts, plain ? 60 : 280),
    sources.map(({ path }) => path),
  );
  return JSON.stringify(fillSchema(request.output?.schema ?? {}, { supply, plain }));
}

/** What the agent is told: its own prompt and skill, which tell it from its siblings, and the brief. */
function told({ request: { system }, conversation, brief }: Work): string {
  const own = system.filter(({ id }) => /^(?:prompt|skill):/.test(id));
  const blocks = own.length > 0 ? own : system;
  return [...blocks.map(({ text }) => text), ...openedSkillFiles(conversation), brief].join('\n\n');
}

/** Where the protocol keeps what a person asked for. */
const briefPath = 'brief.md';

function briefOf(sources: readonly Source[]): string {
  return sources.find(({ path }) => path === briefPath)?.text ?? '';
}

/** The brief is no material, unless there is no other. */
function materialOf(sources: readonly Source[]): readonly Source[] {
  const material = sources.filter(({ path, text }) => path !== briefPath && text.trim() !== '');
  return material.length > 0 ? material : sources;
}

const namedSourcesMax = 6;

function extractOf(sources: readonly Source[]): string {
  if (sources.length === 0) return 'nothing could be read';
  const named = sources.slice(0, namedSourcesMax).map(({ path }) => path);
  const more = sources.length > named.length ? ` and ${sources.length - named.length} more` : '';
  return `an extract of ${named.join(', ')}${more}`;
}
