import { hash } from 'node:crypto';
import { canonicalJson } from './json.ts';

/** Names bytes by their content: SHA-256, 64 lowercase hex digits. */
export function hashBytes(bytes: Uint8Array | string): string {
  return hash('sha256', bytes, 'hex');
}

/** Names data by its content: SHA-256 over its canonical JSON, so key order never matters. */
export function hashJson(value: unknown): string {
  return hashBytes(canonicalJson(value));
}
