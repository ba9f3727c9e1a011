import { z } from 'zod';
import type { Goal, GoalOutcome } from '../../agent/index.ts';
import { type Failure, failure, type Json, type JsonSchema, type Workspace } from '../../core/index.ts';
import { decodeText } from '../../workspace/index.ts';

/** What a member owes in this run. */
export interface OwedArtifact {
  readonly path: string;
  /** The artifact's version when the run began (0: it was not there): only a newer one counts. */
  readonly versionBefore: number;
  /** When present, the answer itself is the artifact: JSON of this schema. */
  readonly output: JsonSchema | null;
}

/** A member's goal: its artifact exists, was written in this run, and is valid. It is told once what is missing. */
export function artifactGoal(owed: OwedArtifact): Goal {
  return {
    remindersMax: 1,
    check: async (answer, workspace) =>
      owed.output === null ? await checkFile(owed, workspace) : await keepAnswer(answer, owed, workspace),
  };
}

async function checkFile({ path, versionBefore }: OwedArtifact, workspace: Workspace): Promise<GoalOutcome> {
  const file = await workspace.read(path);
  if (!file.ok || file.value.version <= versionBefore) {
    const message = `${path} is missing. Write it with write_file, then answer with one sentence.`;
    return unmet(failure('artifact-missing', message));
  }
  const text = decodeText(file.value.bytes);
  if (text === null || text.trim() === '') {
    const what = text === null ? 'is not UTF-8 text' : 'is empty';
    return unmet(failure('artifact-invalid', `${path} ${what}. Write it again with its whole content.`));
  }
  if (path.endsWith('.json') && parseJson(text) === undefined) {
    return unmet(
      failure('artifact-invalid', `${path} is not valid JSON. Write it again, nothing but JSON in it.`),
    );
  }
  return { type: 'met' };
}

async function keepAnswer(
  answer: string,
  { path, output }: OwedArtifact,
  workspace: Workspace,
): Promise<GoalOutcome> {
  const value = parseJson(unfenced(answer));
  if (value === undefined) {
    return unmet(
      failure('output-invalid', 'Your answer was not valid JSON. Answer with nothing but the JSON.'),
    );
  }
  const checked = z.fromJSONSchema(output as Parameters<typeof z.fromJSONSchema>[0]).safeParse(value);
  if (!checked.success) {
    const problems = checked.error.issues
      .slice(0, problemsMax)
      .map(({ path: at, message }) => `- ${at.join('.') || 'the whole'}: ${message}`);
    const message = `Your answer does not fit the schema:\n${problems.join('\n')}\nAnswer with nothing but the corrected JSON.`;
    return unmet(failure('output-invalid', message));
  }
  const written = await workspace.write(path, `${JSON.stringify(checked.data, null, 2)}\n`, null);
  return written.ok ? { type: 'met' } : { type: 'unmet', failure: written.failure, mendable: false };
}

/** Enough for one repair; a wholly wrong answer can have thousands. */
const problemsMax = 20;

function unmet(why: Failure): GoalOutcome {
  return { type: 'unmet', failure: why, mendable: true };
}

/** Models like to wrap JSON in a fence although they are asked not to. */
function unfenced(answer: string): string {
  return /^\s*```(?:json)?\s*\n([\s\S]*?)\n\s*```\s*$/.exec(answer)?.[1] ?? answer;
}

/** Reads JSON; undefined, which JSON cannot be, where a text is none. */
export function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    // Text that is no JSON is an expected answer of a model.
    return undefined;
  }
}
