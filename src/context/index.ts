export { assembleRequest, type RequestParts, rollingMarks } from './assemble.ts';
export { messageTokens, requestTokens, type TokenBill, tokenBill } from './bill.ts';
export { type Calibration, createCalibration, tokenRatio } from './calibration.ts';
export {
  bigResults,
  bigUnseenResults,
  type CutLane,
  cutLane,
  lostPins,
  type MovedResult,
  summaryMessage,
  summaryQuestion,
  turnsIn,
  withoutBoundThinking,
  withPointers,
} from './compact.ts';
export { type ContextCounts, contextBlocks } from './context-blocks.ts';
export { emptyLane, extendLane, type KnownHashes, type Lane, requestHash } from './lane.ts';
export { layoutSystem, type PlacedBlock, type StaticParts, sharedBlocksOf } from './layout.ts';
export {
  lintBlocks,
  lintStatic,
  type StaticFinding,
  type StaticSource,
  type VolatileFinding,
} from './lint.ts';
export { type CacheMarks, type MarksOptions, planMarks } from './marks.ts';
export { joinPins, type Pins, pinsOf } from './pins.ts';
export { type ComparedParts, type PrefixBreak, prefixBreak } from './prefix-break.ts';
export { createPrefixMemory, type PrefixMemory } from './prefix-memory.ts';
export { redactSecrets } from './redact.ts';
export {
  createStaticPrefix,
  type StaticPrefix,
  type StaticPrefixParts,
  type StaticTokens,
} from './static-prefix.ts';
