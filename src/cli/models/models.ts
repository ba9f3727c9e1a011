import {
  cachePrefixTokensMin,
  contextTokensMaxOf,
  type Price,
  prices,
  type TokenRates,
} from '../../models/index.ts';
import type { Arguments, CommandSpec } from '../arguments.ts';
import { exitCodes, type Io } from '../io.ts';
import { tableLines } from '../show/table.ts';
import { count } from '../show/wording.ts';
import { ownPrices } from './prices-file.ts';

/** How `inspan models` is called. */
export const modelsSpec: CommandSpec = Object.freeze({
  name: 'models',
  purpose: 'Lists the models with known prices: rates, context, prompt cache, and where the price is from.',
  words: [{ name: 'part', required: false, purpose: 'a part of their names' }],
  options: { json: { value: null, purpose: 'Prints all of it as one JSON document.' } },
  examples: ['inspan models', 'inspan models sonnet', 'INSPAN_PRICES=prices.yaml inspan models --json'],
  notes: [
    'Other models work too; what they cost is then said to be unknown, and no budget can be kept with them.',
    'INSPAN_PRICES names a YAML file with prices of your own, which win: id: { input: 2, read: 0.2, output: 10 }.',
  ],
});

/** A model as it is listed. */
interface ModelRow {
  readonly id: string;
  readonly price: Price;
  readonly contextTokensMax: number;
  /** The shortest prefix its prompt cache keeps; null where nothing is known. */
  readonly cachePrefixTokensMin: number | null;
}

/** Lists models and prices. */
export async function models({ words, flags }: Arguments, io: Io): Promise<number> {
  const part = (words[0] ?? '').toLowerCase();
  const all: Readonly<Record<string, Price>> = { ...prices, ...(await ownPrices(io)) };
  const rows = Object.entries(all)
    .filter(([id]) => id.toLowerCase().includes(part))
    .map(([id, price]) => rowOf(id, price));
  if (flags.has('json')) {
    io.print(`${JSON.stringify(rows.map(asDocument), null, 2)}\n`);
    return exitCodes.done;
  }
  if (rows.length === 0) {
    io.print(`No model with a known price has "${words[0]}" in its name. inspan models lists all of them.\n`);
    return exitCodes.done;
  }
  io.print(`${lines(rows).join('\n')}\n`);
  return exitCodes.done;
}

function rowOf(id: string, price: Price): ModelRow {
  return {
    id,
    price,
    contextTokensMax: contextTokensMaxOf(id),
    cachePrefixTokensMin: cachePrefixTokensMin(id),
  };
}

function lines(rows: readonly ModelRow[]): readonly string[] {
  const sources = [...new Set(rows.map(({ price }) => originOf(price)))];
  const head = ['', 'input', 'read', 'write 5m', 'write 1h', 'output', 'context', 'caches from', 'price'];
  const table = rows.flatMap(({ id, price, contextTokensMax, cachePrefixTokensMin: tokensMin }) => {
    const facts = [
      count(contextTokensMax),
      tokensMin === null ? '?' : count(tokensMin),
      `[${sources.indexOf(originOf(price)) + 1}]`,
    ];
    const row = [id, ...ratesText(price), ...facts];
    const { longContext } = price;
    if (longContext === undefined) return [row];
    return [row, [`  above ${count(longContext.aboveInputTokens)} in`, ...ratesText(longContext)]];
  });
  return [
    'US dollars per million tokens; write 5m and 1h: into a prompt cache, for a short and a long life.',
    '',
    ...tableLines({ rows: [head, ...table], right: [1, 2, 3, 4, 5, 6, 7] }),
    '',
    ...sources.map((source, index) => `[${index + 1}] ${source}`),
  ];
}

function ratesText(rates: TokenRates): readonly string[] {
  return [
    rates.inputMicroUsd,
    rates.cacheReadMicroUsd,
    rates.cacheWrite5mMicroUsd,
    rates.cacheWrite1hMicroUsd,
    rates.outputMicroUsd,
  ].map(usdText);
}

/** As price pages write it: at least cents, and no digit that says nothing. */
function usdText(microUsd: number): string {
  return (microUsd / 1_000_000).toFixed(6).replace(/0{1,4}$/, '');
}

function originOf({ asOf, source }: Price): string {
  return `${asOf}, ${source}`;
}

function asDocument({ price, ...row }: ModelRow): unknown {
  return { ...row, ...price };
}
