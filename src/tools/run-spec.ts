import {
  fail,
  failureCodes,
  isJsonObject,
  ok,
  type Result,
  stoppable,
  type ToolAnswer,
  type ToolCall,
} from '../core/index.ts';
import { firstLine } from './error-text.ts';

/**
 * What a tool may answer: text, data that is written as JSON, or a `Result<ToolAnswer>` that says more.
 * Undefined tells the model that the tool is done.
 */
export type ToolOutput = string | number | boolean | null | undefined | object;

/**
 * Runs an author's code and tells what came of it. Ends as soon as the run's signal fires, also when the code does
 * not listen to it: what such code still writes is never applied.
 */
export function runSpec(
  run: (input: unknown, call: ToolCall) => ToolOutput | Promise<ToolOutput>,
  input: unknown,
  call: ToolCall,
): Promise<Result<ToolAnswer>> {
  return stoppable(() => answer(run, input, call), call.signal, atOnce);
}

const atOnce = Object.freeze({ graceful: () => Promise.resolve(), instead: cancelled });

async function answer(
  run: (input: unknown, call: ToolCall) => ToolOutput | Promise<ToolOutput>,
  input: unknown,
  call: ToolCall,
): Promise<Result<ToolAnswer>> {
  try {
    return resultOf(await run(input, call));
  } catch (error) {
    // Whatever an author's code throws is a fact about that tool: the model is told and can go another way.
    return call.signal.aborted ? cancelled() : fail('tool-failed', firstLine(error));
  }
}

function cancelled(): Result<never> {
  return fail('cancelled', 'The tool was stopped because its job was.');
}

function resultOf(output: ToolOutput): Result<ToolAnswer> {
  if (output === undefined) return ok({ text: 'Done.' });
  if (typeof output === 'string') return ok({ text: output.toWellFormed() });
  if (isAnswerResult(output)) return output.ok ? ok({ text: output.value.text.toWellFormed() }) : output;
  const text: unknown = JSON.stringify(output);
  if (typeof text === 'string') return ok({ text: text.toWellFormed() });
  return fail('tool-failed', `The tool answered with a ${typeof output}, which cannot be told to a model.`);
}

/** Told apart by its shape, since data of a tool's own may have a field `ok` too. */
function isAnswerResult(output: unknown): output is Result<ToolAnswer> {
  if (!isJsonObject(output)) return false;
  if (output.ok === true) return isJsonObject(output.value) && typeof output.value.text === 'string';
  if (output.ok !== false || !isJsonObject(output.failure)) return false;
  const { code, message } = output.failure;
  return typeof code === 'string' && Object.hasOwn(failureCodes, code) && typeof message === 'string';
}
