import type { Clock, NumberedEvent } from '../../core/index.ts';
import type { Io, Screen } from '../io.ts';
import { boardLines } from '../show/board.ts';
import { advance, type JobView } from '../show/job-view.ts';
import { plainLine } from '../show/plain-lines.ts';

type Events = AsyncIterable<NumberedEvent>;

/** Follows a job to its end without a word. Gives how it looks then. */
export async function watchSilently(events: Events, start: JobView): Promise<JobView> {
  let view = start;
  for await (const event of events) view = advance(view, event);
  return view;
}

/** Follows a job to its end and prints what is worth a line. Gives how it looks then. */
export async function watchInLines(events: Events, start: JobView, io: Pick<Io, 'print'>): Promise<JobView> {
  let view = start;
  for await (const event of events) {
    view = advance(view, event);
    const line = plainLine(event, view);
    if (line !== null) io.print(`${line}\n`);
  }
  return view;
}

/** What a board needs besides the events. */
export interface Watched {
  readonly view: JobView;
  readonly models: readonly string[];
  readonly screen: Screen;
}

/** Ten frames a second: a clock that runs smoothly, and little work however many events there are. */
const frameMs = 100;

/** Follows a job to its end on a board, which then stays. Gives how it looks then. */
export async function watchOnScreen(
  events: Events,
  { view: start, models, screen }: Watched,
  clock: Clock,
): Promise<JobView> {
  let view = start;
  const startedAt = clock.now();
  const drawing = await screen.open();
  const stopping = new AbortController();
  const draw = (): void => {
    const { hasColor } = screen;
    drawing.draw(
      boardLines(view, { columns: screen.columns(), hasColor, models, elapsedMs: clock.now() - startedAt }),
    );
  };
  const frames = drawFrames(draw, clock, stopping.signal);
  try {
    for await (const event of events) view = advance(view, event);
    return view;
  } finally {
    stopping.abort();
    await frames;
    draw();
    drawing.close();
  }
}

async function drawFrames(draw: () => void, clock: Clock, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    draw();
    await clock.sleep(frameMs, signal);
  }
}
