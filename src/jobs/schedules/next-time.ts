import { fail, ok, type Result } from '../../core/index.ts';

/** When something comes back, by the clock of a place. */
export interface Rhythm {
  /** Five fields, or six with seconds first. */
  readonly cron: string;
  /** IANA name. */
  readonly timeZone: string;
}

/**
 * The next time after one, in ms since 1970; null when it never comes again. `wrong-input` says what is wrong.
 * Where clocks are changed, a time of day that is left out comes right after the gap, and one that is there twice comes
 * once; what comes in steps (every half hour) comes in both of the two hours.
 */
export async function nextTime({ cron, timeZone }: Rhythm, afterMs: number): Promise<Result<number | null>> {
  const fields = cron.trim().split(/\s+/);
  if (fields.length < 5 || fields.length > 6 || cron.length > cronCharactersMax) {
    return fail(
      'wrong-input',
      `cron is "${cron.slice(0, 80)}"; expected five fields (minute hour day month weekday), or six with seconds first.`,
    );
  }
  // Loaded when somebody has a schedule at all.
  const { Cron } = await import('croner');
  if (!isTimeZone(timeZone)) {
    return fail(
      'wrong-input',
      `timeZone is "${timeZone.slice(0, 80)}"; expected an IANA name, such as Europe/Berlin or UTC.`,
    );
  }
  try {
    const next = new Cron(fields.join(' '), { timezone: timeZone, mode: '5-or-6-parts', paused: true });
    return ok(next.nextRun(new Date(afterMs))?.getTime() ?? null);
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    return fail('wrong-input', `cron is "${cron}": ${error.message.replace(/^\w+: /, '')}`);
  }
}

/** Lists of numbers may be long, but not endless. */
const cronCharactersMax = 200;

/** Offsets such as +01:00 know nothing of summer: a place is wanted. */
function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
