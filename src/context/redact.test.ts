import { describe, expect, it } from 'vitest';
import { redactSecrets } from './index.ts';

describe('redaction', () => {
  const secrets: readonly (readonly [text: string, shown: string])[] = [
    ['use sk-ant-api03-abcDEF_12 now', 'use [redacted] now'],
    ['pk_live_12345678', '[redacted]'],
    ['ghp_abcdefghij0123456789', '[redacted]'],
    ['AKIAIOSFODNN7EXAMPLE', '[redacted]'],
    ['key=hunter2', 'key=[redacted]'],
    ['?apikey=abc&x=1', '?apikey=[redacted]'],
    ['"password": "hunter2", "a": 1', '"password": "[redacted]", "a": 1'],
    ['My password is hunter2, she said', 'My password is [redacted], she said'],
    ['the secret abc123 stays', 'the secret [redacted] stays'],
    ['Authorization: Bearer abcdefgh1234', 'Authorization: [redacted] [redacted]'],
    ['with bearer abcdefgh1234', 'with bearer [redacted]'],
    ['postgres://ann:hunter2@db/x', 'postgres://ann:[redacted]@db/x'],
    ['id 123e4567-e89b-12d3-a456-426614174000.', 'id [redacted].'],
    ['9f86d081884c7d659a2feaa0c55ad015a3bf4f1b', '[redacted]'],
    ['aG9yc2VCYXR0ZXJ5U3RhcGxlQ29ycmVjdA==', '[redacted]'],
    ['-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----', '[redacted]'],
  ];
  for (const [text, shown] of secrets) {
    it(`takes the secret out of ${JSON.stringify(text)}`, () => {
      expect(redactSecrets(text)).toBe(shown);
      expect(redactSecrets(shown)).toBe(shown);
    });
  }

  it.each([
    'Today is 2026-11-20T10:00:00.000Z, Friday.',
    'claude-sonnet-4-5-20250929 answers',
    'tool-results/x-writer/a-very-long-file-name-2.md',
    'createPrefixMemoryForAgents2 is a name',
    'Count every token and find the key point.',
    'The internationalisation of misunderstandings',
  ])('leaves ordinary text alone: %s', (text) => {
    expect(redactSecrets(text)).toBe(text);
  });
});
