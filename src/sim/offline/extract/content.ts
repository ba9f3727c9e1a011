import type { StatedLimits } from '../compose/limits.ts';
import type { Template } from '../compose/template.ts';
import type { Supply } from '../schema/supply.ts';
import type { Extract } from './unit.ts';

/** What a form is given to render. */
export interface Content {
  readonly path: string;
  readonly title: string;
  /** In the order of the sources; empty when nothing could be read. */
  readonly picks: readonly Extract[];
  readonly files: readonly string[];
  readonly template: Template | null;
  readonly supply: Supply;
  readonly checks: readonly Check[];
  readonly limits: StatedLimits;
}

/** What a tool answered, and to what question. */
export interface Check {
  readonly title: string;
  readonly text: string;
}
