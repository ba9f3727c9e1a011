import { failure, InspanError } from '../../core/index.ts';
import { providerContract } from '../../models/index.ts';
import type { Arguments, CommandSpec } from '../arguments.ts';
import { exitCodes, type Io } from '../io.ts';
import { type Finding, keepPromises } from './keep-promises.ts';
import { openProbed, type ProbedEndpoint } from './open-probed.ts';
import { findingLine, type ProbeReport, probeReport, summaryLine } from './probe-report.ts';

/** All promises take about 25,000 input and 1,000 output tokens: enough for all models but the dearest. */
const usdUsual = 0.1;

/** How `inspan probe` is called. */
export const probeSpec: CommandSpec = Object.freeze({
  name: 'probe',
  purpose: 'Asks a real model whether its endpoint keeps what Inspan relies on.',
  words: [{ name: 'model', required: true, purpose: 'a model, provider/name' }],
  options: {
    usd: { value: '<amount>', purpose: `The most it may cost, in US dollars. Default: ${usdUsual}.` },
    json: { value: null, purpose: 'Prints one JSON document at the end and nothing else.' },
  },
  examples: ['inspan probe anthropic/claude-sonnet-5', 'inspan probe ollama/qwen3:8b --json'],
  notes: [
    'It asks some 20 short questions and a long one, at the address and with the key that the environment names.',
    'A promise is kept, broken, or left out because the endpoint need not keep it. The exit code is 1 where one is',
    'broken or none is kept, 2 where the key or the name of the model is wrong.',
    'No call begins that could exceed --usd; where nobody knows what a model costs, there is no such limit.',
  ],
});

/** Probes the endpoint of a model. */
export async function probe({ words, values, flags }: Arguments, io: Io): Promise<number> {
  const usd = usdFrom(values['usd']?.[0]);
  const isJson = flags.has('json');
  const interrupt = io.listenForInterrupt();
  try {
    const terms = { usd, usdUsual, signal: interrupt.signal };
    const endpoint = await openProbed(words[0] ?? '', terms, io);
    const report = await reportOn(endpoint, isJson ? null : io);
    io.print(isJson ? `${JSON.stringify(report, null, 2)}\n` : `${summaryLine(report)}\n`);
    if (interrupt.signal.aborted) return interrupt.exitCode();
    return report.broken > 0 || report.kept === 0 ? exitCodes.failed : exitCodes.done;
  } finally {
    interrupt.release();
  }
}

/** `io`: where each finding is told as soon as it is known; null where nowhere. */
async function reportOn({ probed, bill, close }: ProbedEndpoint, io: Io | null): Promise<ProbeReport> {
  const findings: Finding[] = [];
  try {
    for await (const finding of keepPromises(providerContract, probed)) {
      findings.push(finding);
      io?.print(`${findingLine(finding)}\n`);
    }
    return probeReport(probed.model.id, findings, await bill());
  } finally {
    await close();
  }
}

function usdFrom(typed: string | undefined): number | null {
  if (typed === undefined) return null;
  const usd = Number(typed);
  if (Number.isFinite(usd) && usd > 0) return usd;
  const message = `--usd is ${typed}: write an amount of US dollars above 0, such as ${usdUsual}.`;
  throw new InspanError([failure('wrong-input', message)]);
}
