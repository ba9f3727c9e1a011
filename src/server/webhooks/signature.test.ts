import { describe, expect, it } from 'vitest';
import { makeWebhookSecret, signWebhook, verifyWebhook } from './signature.ts';

// The example that the libraries of Standard Webhooks are tested with.
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const message = {
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  atMs: 1_614_265_330_000,
  payload: '{"test": 2432232314}',
};
const headers = {
  'webhook-id': message.id,
  'webhook-timestamp': '1614265330',
  'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
};
const check = (
  more: Record<string, string | string[]> = {},
  nowMs = message.atMs,
  payload = message.payload,
) => verifyWebhook(payload, { ...headers, ...more }, { secret, nowMs });

describe('the signature of a webhook', () => {
  it('is that of Standard Webhooks', () => {
    expect(signWebhook(message, secret)).toEqual(headers);
  });

  it('fits what it was made for, with headers as fetch or Node give them, among others', () => {
    expect(check()).toEqual({ ok: true, value: { id: message.id } });
    expect(verifyWebhook(message.payload, new Headers(headers), { secret, nowMs: message.atMs }).ok).toBe(
      true,
    );
    const several = `v1,AAAA v2,${headers['webhook-signature'].slice(3)} ${headers['webhook-signature']}`;
    expect(check({ 'webhook-signature': several }).ok).toBe(true);
    expect(check({ 'webhook-signature': [headers['webhook-signature']] }).ok).toBe(true);
  });

  it('fits nothing else', () => {
    const wrong = [
      check({ 'webhook-id': 'msg_other' }),
      check({ 'webhook-timestamp': '1614265331' }),
      check({}, message.atMs, '{"test":2432232314}'),
      check({ 'webhook-signature': 'v1,' }),
      check({ 'webhook-signature': headers['webhook-signature'].replace('v1,', 'v2,') }),
      check({ 'webhook-signature': headers['webhook-signature'].replace('g0h', 'g0i') }),
      verifyWebhook(message.payload, headers, {
        secret: makeWebhookSecret((size) => new Uint8Array(size)),
        nowMs: message.atMs,
      }),
    ];
    for (const each of wrong) expect(each).toMatchObject({ ok: false, failure: { code: 'not-allowed' } });
  });

  it('is refused when it is older or newer than 5 minutes', () => {
    expect(check({}, message.atMs + 300_000).ok).toBe(true);
    expect(check({}, message.atMs - 300_000).ok).toBe(true);
    expect(check({}, message.atMs + 300_001).ok).toBe(false);
    expect(check({}, message.atMs - 300_001).ok).toBe(false);
    for (const wrong of ['', 'NaN', '1e9', '-1', '16142653300000000000'])
      expect(check({ 'webhook-timestamp': wrong }).ok).toBe(false);
  });

  it('names what is missing or wrong, and never the secret', () => {
    expect(verifyWebhook('', {}, { secret, nowMs: 0 })).toMatchObject({ failure: { code: 'wrong-input' } });
    for (const wrong of ['', 'whsec_', 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'whsec_c2hvcnQ=']) {
      const refused = verifyWebhook('', headers, { secret: wrong, nowMs: 0 });
      expect(refused).toMatchObject({ failure: { code: 'wrong-config' } });
      expect(() => signWebhook(message, wrong)).toThrow('A webhook secret is whsec_');
    }
    expect(JSON.stringify(check({ 'webhook-id': 'x' }))).not.toContain('MfKQ');
  });

  it('a new secret is 32 random bytes', () => {
    const made = makeWebhookSecret((size) => new Uint8Array(size).fill(255));
    expect(made).toBe(`whsec_${Buffer.alloc(32, 255).toString('base64')}`);
    expect(signWebhook(message, made)['webhook-signature']).toMatch(/^v1,/);
  });
});
