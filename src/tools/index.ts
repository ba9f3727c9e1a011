export { cappedTool, toolResultsFolder } from './capped-tool.ts';
export { type LoadedTools, loadToolFiles, type ToolNotice } from './load-tool-files.ts';
export { type MatchedToolNames, matchToolNames, type UnknownToolName } from './match-tool-names.ts';
export { parseToolList } from './parse-tool-list.ts';
export type { ToolOutput } from './run-spec.ts';
export { type ToolSpec, tool, type UnnamedTool } from './tool.ts';
