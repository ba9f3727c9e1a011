import { z } from 'zod';
import { type Failure, failure } from '../../core/index.ts';
import { type Price, priceOfUsd } from './prices.ts';

/** Prices by model id, or every mistake in them. */
export type ReadPrices =
  | { readonly ok: true; readonly prices: Readonly<Record<string, Price>> }
  | { readonly ok: false; readonly failures: readonly Failure[] };

const amount = z
  .number({ error: 'US dollars per million tokens, such as 2.5' })
  .min(0, { error: 'US dollars per million tokens, from 0' });

const entry = z.strictObject(
  {
    input: amount,
    output: amount,
    read: amount.optional(),
    write5m: amount.optional(),
    write1h: amount.optional(),
    asOf: z
      .string({ error: 'a day, such as 2026-11-01' })
      .regex(/^\d{4}-\d{2}(-\d{2})?$/, { error: 'a day, such as 2026-11-01' })
      .optional(),
    source: z.string({ error: 'where it is known from' }).optional(),
  },
  {
    error: 'input and output in US dollars per million tokens, and read, write5m, write1h where they differ',
  },
);

/**
 * Reads a person's own prices: model id → US dollars per million tokens.
 * Cache rates that are not given are the input rate. `file` and `today` stand in for a source and a day.
 */
export function readPrices(
  data: unknown,
  from: { readonly file: string; readonly today: string },
): ReadPrices {
  const parsed = z.record(z.string(), entry, { error: 'model ids with prices' }).safeParse(data);
  if (!parsed.success) {
    return { ok: false, failures: parsed.error.issues.map((issue) => mistake(issue, from.file)) };
  }
  const prices = Object.entries(parsed.data).map(([id, { asOf, source, input, output, ...cache }]) => {
    const given = Object.fromEntries(Object.entries(cache).filter(([, rate]) => rate !== undefined));
    const origin = { asOf: asOf ?? from.today, source: source ?? from.file };
    return [id, priceOfUsd({ input, output, ...given }, origin)] as const;
  });
  return { ok: true, prices: Object.fromEntries(prices) };
}

function mistake({ path, message, code, ...rest }: z.core.$ZodIssue, file: string): Failure {
  const name = path.join('.') || 'the file';
  const unknown =
    code === 'unrecognized_keys' && 'keys' in rest ? ` has no field ${rest.keys.join(', ')}` : null;
  return failure('wrong-config', unknown === null ? `${name}: expected ${message}` : `${name}${unknown}`, {
    place: { file },
  });
}
