export { type AiSdkOptions, aiSdkModel, type LanguageModel } from './models/index.ts';
