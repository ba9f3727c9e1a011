/** Inspan's file tools, in the order agents are given them. */
export const fileToolNames: readonly string[] = Object.freeze([
  'list_files',
  'read_file',
  'search_files',
  'edit_file',
  'write_file',
]);

/** Names that Inspan's own tools have: a team's tool cannot take them. */
export const ownToolNames: readonly string[] = Object.freeze([
  ...fileToolNames,
  'delegate',
  'open_skill_file',
]);

/** Brings the spellings of a name together: `MultiEdit`, `multi_edit` and `multi-edit` are one. */
export function normalName(name: string): string {
  return name.toLowerCase().replaceAll(/[-_]/g, '');
}

/** Normal names of file tools in Claude Code, opencode, Gemini CLI and Copilot → Inspan's name. */
export const foreignNames: Readonly<Record<string, string>> = Object.freeze({
  read: 'read_file',
  readmanyfiles: 'read_file',
  view: 'read_file',
  write: 'write_file',
  create: 'write_file',
  createfile: 'write_file',
  edit: 'edit_file',
  multiedit: 'edit_file',
  replace: 'edit_file',
  strreplace: 'edit_file',
  grep: 'search_files',
  search: 'search_files',
  searchfilecontent: 'search_files',
  glob: 'list_files',
  ls: 'list_files',
  list: 'list_files',
  listdir: 'list_files',
  listdirectory: 'list_files',
});

const noShell = 'agents run no commands here; write a tool in tools/ for what the command is needed for';
const noWeb = 'agents have no web access of their own; write a tool in tools/ that asks for what is needed';
const noNotebook = 'notebooks are files like any other here; use Read and Write';
const noTodo = 'agents keep no to-do list here; the order of the members is the plan';
const noDelegation = 'only the lead delegates, and its members come from team.yaml; nothing is to be listed';
const noPerson = 'nobody answers questions while a job runs; put what is needed into the brief';

/** What other harnesses have and agents here have not. Normal name → why, and what to do. */
export const reasonsWithout: Readonly<Record<string, string>> = Object.freeze({
  bash: noShell,
  bashoutput: noShell,
  shell: noShell,
  execute: noShell,
  runshellcommand: noShell,
  killshell: noShell,
  killbash: noShell,
  powershell: noShell,
  webfetch: noWeb,
  fetch: noWeb,
  websearch: noWeb,
  googlewebsearch: noWeb,
  web: noWeb,
  notebookedit: noNotebook,
  notebookread: noNotebook,
  todowrite: noTodo,
  todoread: noTodo,
  todo: noTodo,
  task: noDelegation,
  taskoutput: noDelegation,
  agent: noDelegation,
  delegate: noDelegation,
  askuserquestion: noPerson,
  exitplanmode: noPerson,
  skill:
    'skills are named in `skills`, and what they hold is opened with open_skill_file; nothing is to be listed',
  openskillfile: 'it comes by itself with skills that have more to open; nothing is to be listed',
});
