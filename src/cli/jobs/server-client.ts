import { type Client, createClient, InspanProblem } from '../../client/index.ts';
import { failure, InspanError } from '../../core/index.ts';
import type { Arguments, OptionSpec } from '../arguments.ts';
import { exitCodes, type Io } from '../io.ts';
import { oneLine } from '../show/wording.ts';

/** Where `inspan serve` listens unless it is told otherwise; nobody registered this port. */
export const portUsual = 7420;

/** The option that says which server is spoken to. */
export const urlOption: OptionSpec = Object.freeze({
  value: '<address>',
  purpose: `The server. Default: INSPAN_URL, else http://127.0.0.1:${portUsual}. The key comes from INSPAN_KEY.`,
});

/** A person at a terminal does not wait for a server that is not there: 2 s. */
const patienceMs = 2_000;

/** Makes a client for the server that a command line names. `patienceMs`: for how long nobody may answer. */
export function clientOf(given: Arguments, io: Io, options: { readonly patienceMs?: number } = {}): Client {
  const key = io.environment['INSPAN_KEY'];
  if (key && !/^[\x21-\x7e]{1,200}$/.test(key)) {
    const message = 'INSPAN_KEY is no API key: one is ik_ and 43 characters, without spaces or line breaks.';
    throw new InspanError([failure('wrong-input', message)]);
  }
  return createClient({ url: addressOf(given, io), patienceMs, ...(key && { key }), ...options });
}

/** The address of the server that a command line names. */
export function addressOf({ values }: Arguments, { environment }: Io): string {
  const typed = values['url']?.[0];
  const url = typed ?? (environment['INSPAN_URL'] || `http://127.0.0.1:${portUsual}`);
  if (URL.canParse(url) && /^https?:/.test(url)) return url;
  const name = typed === undefined ? 'INSPAN_URL' : '--url';
  const message = `${name} is ${url}: write an address, for example http://127.0.0.1:${portUsual}.`;
  throw new InspanError([failure('wrong-input', message)]);
}

/** A command that speaks to a server: gives what it prints, or its own exit code. */
type Asking = (given: Arguments, io: Io) => Promise<number>;

/** Tells what a server refused, a line for each mistake; who cannot be reached is no mistake of the person. */
export function asking(run: Asking): Asking {
  return async (given, io) => {
    try {
      return await run(given, io);
    } catch (error) {
      if (!(error instanceof InspanProblem)) throw error;
      const { status, detail, errors } = error;
      const lines = new Set([detail, ...errors.map((each) => each.detail)].map(oneLine));
      if (errors.length > 1) lines.delete(oneLine(detail));
      io.complain([...lines].map((line) => `inspan: ${line}\n`).join(''));
      return status !== null && status < 500 ? exitCodes.wrongInput : exitCodes.failed;
    }
  };
}

/** Prints a value as JSON where `--json` asks for it, else as lines. */
export function tell(
  io: Io,
  { flags }: Arguments,
  shown: { readonly json: unknown; readonly lines: readonly string[] },
): void {
  io.print(flags.has('json') ? `${JSON.stringify(shown.json, null, 2)}\n` : `${shown.lines.join('\n')}\n`);
}
