export { offlineModel } from './offline.ts';
