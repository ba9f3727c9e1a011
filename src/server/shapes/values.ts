import { z } from '@hono/zod-openapi';
import { type FailureCode, failureCodes, type Json } from '../../core/index.ts';

/** A moment, as every answer writes it. */
export const momentShape = z.string().openapi('Moment', {
  description: 'ISO 8601 in UTC.',
  format: 'date-time',
  example: '2026-03-01T09:30:00.000Z',
});

/** Later times have more digits than ISO 8601 gives a year. */
const lastMs = Date.parse('9999-12-31T23:59:59.999Z');

/** A moment, as a request may write it. */
export const givenMomentShape = z.iso
  .datetime({ offset: true })
  .refine((text) => Date.parse(text) <= lastMs, 'is after the year 9999')
  .openapi({
    description: 'ISO 8601 with `Z` or an offset.',
    example: '2026-03-01T09:30:00+01:00',
  });

/** An id in a path. What cannot be one is answered as what does not exist. */
export function idShape(description: string) {
  return z
    .string()
    .regex(/^[\w-]{1,128}$/)
    .openapi({ description });
}

const amountShape = z.union([z.number(), z.literal('unknown')]);

/** What something cost, in both units. */
export const moneyShape = z
  .object({
    microUsd: amountShape.openapi({ description: 'Integer millionths of a US dollar.' }),
    usd: amountShape,
  })
  .openapi('Money', {
    description: '`unknown` where a model has no known price, which is not the same as nothing.',
    example: { microUsd: 12_400, usd: 0.0124 },
  });

/** What something cost, over the wire. */
export type MoneyOnWire = z.infer<typeof moneyShape>;

/** Any JSON value. It came from a JSON parser, so there is nothing left to check. */
export const jsonShape = z
  .custom<Json>((value) => value !== undefined, 'is missing')
  .openapi('Json', { type: ['object', 'array', 'string', 'number', 'boolean', 'null'] });

const codes = Object.keys(failureCodes) as [FailureCode, ...FailureCode[]];

/** One word for what went wrong. */
export const codeShape = z.enum(codes).openapi('FailureCode', {
  description: 'One word for what went wrong. The list is closed.',
  example: 'not-found',
});

/** Why a job or a step did not succeed. */
export const failureShape = z
  .object({
    code: codeShape,
    message: z.string().openapi({ description: 'One line that says the next step.' }),
  })
  .openapi('Failure');

/** What may be absent: as a union, because a description of a named shape cannot be widened afterwards. */
export function orNull<Shape extends z.ZodType>(shape: Shape) {
  return z.union([shape, z.null()]);
}

/** Shapes that others are made of, by name: described first, so that none is described as part of another. */
export const basicShapes: Readonly<Record<string, z.ZodType>> = Object.freeze({
  Moment: momentShape,
  Money: moneyShape,
  Json: jsonShape,
  FailureCode: codeShape,
  Failure: failureShape,
});

/** Writes a time of ours as an answer has it. */
export function moment(ms: number): string {
  return new Date(ms).toISOString();
}

/** As `moment`, for a time that may be absent. */
export function momentOrNull(ms: number | null): string | null {
  return ms === null ? null : moment(ms);
}

/** Writes an amount of ours as an answer has it. */
export function money(microUsd: number | 'unknown'): MoneyOnWire {
  return { microUsd, usd: microUsd === 'unknown' ? 'unknown' : microUsd / 1_000_000 };
}

/** Gives a failure without the place where a person could mend it: that is the operator's, not the caller's. */
export function failureOnWire({ code, message }: z.infer<typeof failureShape>): z.infer<typeof failureShape> {
  return { code, message };
}
