export { offlineModel } from './offline/offline.ts';
