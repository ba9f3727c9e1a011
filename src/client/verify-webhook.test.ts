import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type ReceivedWebhook, verifyWebhook } from './verify-webhook.ts';

const secret = `whsec_${Buffer.from('a secret of twenty-four b').toString('base64')}`;
const nowMs = 1_767_225_600_000;
const payload = '{"type":"job.succeeded","data":{"id":"job_1"}}';

function signed(text: string, { key = secret, atMs = nowMs } = {}): ReceivedWebhook {
  const timestamp = String(Math.floor(atMs / 1000));
  const hmac = createHmac('sha256', Buffer.from(key.replace('whsec_', ''), 'base64'));
  const signature = `v1,${hmac.update(`msg_1.${timestamp}.${text}`).digest('base64')}`;
  const headers = { 'Webhook-Id': 'msg_1', 'webhook-timestamp': timestamp, 'webhook-signature': signature };
  return { payload: text, headers, secret, nowMs };
}

const otherSecret = `whsec_${Buffer.from('another secret, as long as').toString('base64')}`;

describe('a webhook', () => {
  it('is believed when it was signed with the secret, just now', async () => {
    expect(await verifyWebhook(signed(payload))).toEqual({
      ok: true,
      id: 'msg_1',
      event: JSON.parse(payload) as unknown,
    });
  });

  it('is believed when one of several signatures fits, as while a secret is changed', async () => {
    const { headers, ...rest } = signed(payload);
    const several = new Headers(headers as Record<string, string>);
    several.set('webhook-signature', `v1,AAAA v2,BBBB ${several.get('webhook-signature')}`);
    expect(await verifyWebhook({ headers: several, ...rest })).toMatchObject({ ok: true });
  });

  it.each([
    ['was signed with another secret', signed(payload, { key: otherSecret }), /signature/],
    ['was changed on its way', { ...signed(payload), payload: `${payload} ` }, /signature/],
    ['is older than five minutes', signed(payload, { atMs: nowMs - 301_000 }), /five minutes/],
    ['comes from the future', signed(payload, { atMs: nowMs + 302_000 }), /five minutes/],
    ['has no signature', { ...signed(payload), headers: {} }, /lacks/],
    ['is held against no secret', { ...signed(payload), secret: 'whsec_' }, /secret/],
    ['is held against something that is no secret', { ...signed(payload), secret: 'whsec_§' }, /secret/],
  ])('is refused when it %s', async (_, received, reason) => {
    expect(await verifyWebhook(received)).toEqual({ ok: false, reason: expect.stringMatching(reason) });
  });
});
