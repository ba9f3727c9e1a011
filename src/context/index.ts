export { assembleRequest, type RequestParts } from './assemble.ts';
export { messageTokens, requestTokens, type TokenBill, tokenBill } from './bill.ts';
export { type PrefixBreak, prefixBreak, requestHash } from './lane.ts';
export { layoutSystem, type PlacedBlock, type StaticParts } from './layout.ts';
export { lintStatic, type StaticFinding, type StaticSource } from './lint.ts';
