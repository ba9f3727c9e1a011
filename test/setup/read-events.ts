import type { StreamEvent } from '../../src/client/index.ts';
import { createEventReader } from '../../src/client/testing.ts';
import type { ServerApp } from '../../src/server/index.ts';

/** How much of a stream is read. */
export interface Reading {
  /** Place of the last event that is known. */
  readonly lastEventId?: number;
  /** Hangs up after an event of which this is true. Default: reads to the end. */
  readonly until?: (event: StreamEvent) => boolean;
}

/** Reads a job's stream over HTTP, as a browser would. */
export async function readEvents(
  app: ServerApp,
  id: string,
  { lastEventId = 0, until = () => false }: Reading = {},
): Promise<readonly StreamEvent[]> {
  const response = await app.fetch(
    new Request(`http://127.0.0.1/v1/jobs/${id}/events`, {
      headers: { 'last-event-id': String(lastEventId) },
    }),
  );
  if (response.body === null || !response.ok) throw new Error(await response.text());
  const read = createEventReader();
  const decoder = new TextDecoder();
  const heard: StreamEvent[] = [];
  for await (const bytes of response.body) {
    for (const { data } of read(decoder.decode(bytes, { stream: true }))) {
      const event = JSON.parse(data) as StreamEvent;
      heard.push(event);
      if (until(event)) return heard;
    }
  }
  return heard;
}
