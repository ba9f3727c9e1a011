import { hashJson } from '../../core/index.ts';

/**
 * Signs thinking: it can be told whether it comes back as it went out.
 * Equal thinking has an equal signature: nothing must be remembered, and nobody needs to be kept from forging it.
 */
export function signatureOf(thinking: string): string {
  return Buffer.from(hashJson({ signedThinking: thinking }), 'hex').toString('base64');
}
