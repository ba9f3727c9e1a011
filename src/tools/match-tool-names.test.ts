import { describe, expect, it } from 'vitest';
import { matchToolNames } from './match-tool-names.ts';
import { parseToolList } from './parse-tool-list.ts';

const files = ['read_file', 'write_file', 'edit_file', 'search_files', 'list_files'];
const available = [...files, 'check_facts'];

describe('a list of tools', () => {
  it.each([
    ['commas', 'Read, Grep,Glob', ['Read', 'Grep', 'Glob']],
    ['spaces', 'Read Grep  Glob', ['Read', 'Grep', 'Glob']],
    ['a YAML list', ['Read', ' Grep '], ['Read', 'Grep']],
    ['a YAML list with commas in it', ['Read, Grep', 'Glob'], ['Read', 'Grep', 'Glob']],
    [
      'parentheses',
      'Bash(git diff:*), Bash(npm run test, lint), Read',
      ['Bash(git diff:*)', 'Bash(npm run test, lint)', 'Read'],
    ],
    ['parentheses in a YAML list', ['Bash(git log:*)'], ['Bash(git log:*)']],
    ['lines', 'Read\nGrep', ['Read', 'Grep']],
    ['nothing', null, []],
    ['empty text', ' , ', []],
  ])('may be written with %s', (_, value, names) => {
    expect(parseToolList(value)).toEqual({ ok: true, value: names });
  });

  it.each([
    ['a mapping', { Read: true }, /must be names/],
    ['a number', 7, /must be names/],
    ['a list with a number', ['Read', 7], /must be names/],
    ['an open parenthesis', 'Bash(git diff, Read', /parentheses/],
    ['parentheses the wrong way round', 'Bash)git(', /parentheses/],
  ])('is refused for %s', (_, value, message) => {
    expect(parseToolList(value)).toMatchObject({
      ok: false,
      failure: { code: 'wrong-team', message: expect.stringMatching(message) },
    });
  });
});

describe('a name of another harness', () => {
  it.each([
    ['Read', 'read_file'],
    ['Write', 'write_file'],
    ['Edit', 'edit_file'],
    ['MultiEdit', 'edit_file'],
    ['Grep', 'search_files'],
    ['Glob', 'list_files'],
    ['LS', 'list_files'],
    ['read', 'read_file'],
    ['grep', 'search_files'],
    ['replace', 'edit_file'],
    ['search_file_content', 'search_files'],
    ['list_directory', 'list_files'],
    ['read_file', 'read_file'],
    ['read-file', 'read_file'],
    ['ReadFile', 'read_file'],
    ['check_facts', 'check_facts'],
    ['check-facts', 'check_facts'],
    ['Read(**)', 'read_file'],
  ])('%s means %s', (name, ours) => {
    expect(matchToolNames([name], available)).toEqual({ names: [ours], unknown: [] });
  });

  it('is taken once, in the order asked for', () => {
    expect(matchToolNames('Grep, Edit, MultiEdit, Read, grep', available).names).toEqual([
      'search_files',
      'edit_file',
      'read_file',
    ]);
  });

  it('never hides a tool of the team', () => {
    expect(matchToolNames('search, view', [...available, 'search']).names).toEqual(['search', 'read_file']);
  });
});

describe('a star', () => {
  it('means all file tools, and nothing beyond', () => {
    expect(matchToolNames('*', available)).toEqual({
      names: ['list_files', 'read_file', 'search_files', 'edit_file', 'write_file'],
      unknown: [],
    });
    expect(matchToolNames('*', ['check_facts'])).toMatchObject({ names: [], unknown: [{ name: '*' }] });
  });
});

describe('a name that no tool answers to', () => {
  it.each([
    ['Bash', /run no commands/],
    ['Bash(git diff:*)', /run no commands/],
    ['run_shell_command', /run no commands/],
    ['KillShell', /run no commands/],
    ['WebFetch', /no web access/],
    ['WebSearch', /no web access/],
    ['NotebookEdit', /notebooks/],
    ['TodoWrite', /no to-do list/],
    ['Task', /only the lead delegates/],
    ['Agent(reviewer)', /only the lead delegates/],
    ['Skill', /skills are named in `skills`/],
    ['mcp__github__get_issue', /MCP/],
    ['mcp__github__*', /MCP/],
    ['mcp__github', /MCP/],
    ['mcp__*', /MCP/],
    ['Read(src/**)', /write "Read"/],
    ['Edit(/docs/**)', /write "Edit"/],
    ['check_facts(x)', /write "check_facts"/],
    ['chek_facts', /did you mean check_facts\?/],
    ['check_fact', /did you mean check_facts\?/],
    ['rite_file', /did you mean write_file\?/],
    ['telepathy', /there are read_file, .*check_facts$/],
    ['constructor', /there are read_file/],
    ['__proto__', /there are read_file/],
  ])('%s is named with its reason', (name, reason) => {
    expect(matchToolNames([name], available)).toEqual({
      names: [],
      unknown: [{ name, reason: expect.stringMatching(reason) }],
    });
  });

  it('is named where it means a tool that is not there', () => {
    expect(matchToolNames('Write', ['read_file'])).toEqual({
      names: [],
      unknown: [{ name: 'Write', reason: 'it means write_file, which is not there' }],
    });
  });

  it('is named once, and takes no other with it', () => {
    const { names, unknown } = matchToolNames('Read, Bash, Bash, Bash(ls), Grep', available);
    expect(names).toEqual(['read_file', 'search_files']);
    expect(unknown.map(({ name }) => name)).toEqual(['Bash', 'Bash(ls)']);
  });
});
