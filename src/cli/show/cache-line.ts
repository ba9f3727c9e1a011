import type { NumberedEvent } from '../../core/index.ts';
import { count, counted, dollars, oneLine, placeText } from './wording.ts';

/** What can happen to the part of a prompt that a provider may have cached. */
export type CacheEvent = Extract<
  NumberedEvent,
  { readonly type: 'prefix-break' | 'prefix-volatile' | 'prefix-short' | 'compacted' }
>;

/** Says what became of a prompt's cached part, and what that costs. */
export function cacheLine(event: CacheEvent): string {
  switch (event.type) {
    case 'prefix-break':
      return `the prompt of ${event.agent} changed in ${oneLine(event.at)} at byte ${count(event.byte)}: "${oneLine(event.before)}" became "${oneLine(event.after)}"; ${lossText(event)}`;
    case 'prefix-volatile': {
      const place = event.place === undefined ? '' : `${oneLine(placeText(event.place))}: `;
      const loss =
        event.lostTokens === 0
          ? 'what stands behind it is too short to be cached'
          : `each time it changes, ${lossText(event)}`;
      return `${place}the ${event.kind} "${oneLine(event.value)}" stands in ${oneLine(event.at)} of ${event.agent}: ${loss}`;
    }
    case 'prefix-short':
      return `its static part has ${counted(event.tokens, 'token')}; the prompt cache of ${event.model} begins at ${count(event.tokensMin)}`;
    case 'compacted':
      return `its conversation was made shorter: ${count(event.beforeTokens)} tokens became ${count(event.afterTokens)}`;
  }
}

function lossText({
  lostTokens,
  lostMicroUsd,
}: {
  lostTokens: number;
  lostMicroUsd: number | 'unknown';
}): string {
  return `${counted(lostTokens, 'token')} are cached anew, ${dollars(lostMicroUsd)} lost`;
}
