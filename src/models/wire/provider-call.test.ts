import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterEach, expect, it, onTestFinished, vi } from 'vitest';
import { ask, model, sse, start, stop, text } from '../../../test/setup/anthropic-server.ts';
import { serve } from '../../../test/setup/loopback.ts';
import { asking, endOf } from '../../../test/setup/model-calls.ts';
import { createTransport, type TransportOptions } from './transport/transport.ts';

afterEach(() => void vi.restoreAllMocks());

async function endOver(limits: TransportOptions, scheme: string) {
  const server = createServer((socket) => void socket.on('error', () => {}));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { fetch, close } = createTransport(limits);
  onTestFinished(() => {
    close();
    server.close();
  });
  const silent = model(`${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`, { fetch });
  return (await endOf(silent.stream(asking(), new AbortController().signal))).end;
}

it('a call that never got a connection costs nothing, and says that nobody was reached', async () => {
  const end = await endOver({ connectMsMax: 20 }, 'https');
  expect(end).toEqual({
    type: 'failed',
    failure: expect.objectContaining({
      code: 'provider-down',
      message: expect.stringMatching(/cannot be reached at .*could not be connected to within 0\.02 s/),
    }),
  });
});

it('a call that was sent and is not answered in time may be billed', async () => {
  const end = await endOver({ firstByteMsMax: 20 }, 'http');
  expect(end).toMatchObject({ failure: { code: 'timeout' }, estimate: {} });
});

it('a server that never ends a whole answer is hung up on', async () => {
  const late = new AbortController();
  vi.spyOn(AbortSignal, 'timeout').mockReturnValue(late.signal);
  const served = await serve((response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(sse([start(), ...text('x'), ...stop('end_turn')]));
    response.write(': still here\n\n');
  });
  expect((await ask(served)).end.type).toBe('reply');
  // The rest is given a turn of the event loop before its time is measured.
  await new Promise(setImmediate);
  late.abort();
  await served.hungUp;
});
