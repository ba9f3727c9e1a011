import { z } from '@hono/zod-openapi';
import { type ApiKey, keyScopes } from '../../core/index.ts';
import { givenMomentShape, moment, momentOrNull, momentShape, orNull } from './values.ts';

/** What a key may be used for. */
export const scopeShape = z.enum(keyScopes).openapi('Scope', { description: '`admin` includes all others.' });

/** A key to make. */
export const keyRequestShape = z
  .strictObject({
    label: z
      .string()
      .max(255)
      .regex(/^\P{C}+$/u, 'must have visible characters, and no others')
      .openapi({ description: 'What it is for, in your own words.' }),
    scopes: z.array(scopeShape).min(1).max(keyScopes.length),
    expiresAt: givenMomentShape.optional().openapi({ description: 'Default: never.' }),
  })
  .openapi('KeyRequest', { example: { label: 'website', scopes: ['jobs:read', 'jobs:write'] } });

/** How a key is replaced by a new one. */
export const rotationShape = z
  .strictObject({
    graceMs: z
      .int()
      .min(0)
      .max(30 * 24 * 60 * 60_000)
      .default(0)
      .openapi({ description: 'How long the old key goes on working, in ms. At most 30 days.' }),
  })
  .openapi('Rotation', { example: { graceMs: 3_600_000 } });

/** An API key, without the key itself. */
export const keyShape = z
  .object({
    id: z.string(),
    prefix: z.string().openapi({ description: 'The first characters of the key.' }),
    label: z.string(),
    scopes: z.array(scopeShape),
    createdAt: momentShape,
    expiresAt: orNull(momentShape),
    revokedAt: orNull(momentShape),
    usedAt: orNull(momentShape).openapi({ description: 'Within a minute.' }),
  })
  .openapi('Key');

/** A key that was just made: the only answer that shows it. */
export const newKeyShape = keyShape
  .extend({ key: z.string().openapi({ description: 'The key. Shown only now.' }) })
  .openapi('NewKey');

/** A key over the wire. */
export type KeyOnWire = z.infer<typeof keyShape>;

/** Writes a key as an answer has it: without its hash. */
export function keyOnWire(key: ApiKey): KeyOnWire {
  const { id, prefix, label, scopes } = key;
  return {
    id,
    prefix,
    label,
    scopes: [...scopes],
    createdAt: moment(key.createdAtMs),
    expiresAt: momentOrNull(key.expiresAtMs),
    revokedAt: momentOrNull(key.revokedAtMs),
    usedAt: momentOrNull(key.usedAtMs),
  };
}
