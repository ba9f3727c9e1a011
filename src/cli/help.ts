import { type CommandSpec, optionsOf } from './arguments.ts';
import { tableLines } from './show/table.ts';

/** What `inspan help` shows: every command, and what exit codes mean. */
export function overviewHelp(commands: readonly CommandSpec[]): readonly string[] {
  return [
    'Inspan runs teams of LLM agents. A team is a folder.',
    '',
    'Usage: inspan <command>',
    '',
    'Commands:',
    ...tableLines({ rows: commands.map((command) => [`  ${usage(command)}`, command.purpose]) }),
    '',
    'Options:',
    '  --help, -h     Shows this; after a command, its help.',
    '  --version, -v  Shows the version.',
    '',
    ...exitCodeLines,
    '',
    'Environment:',
    '  INSPAN_MODEL   One model for all agents: provider/name, or offline.',
    '  ANTHROPIC_API_KEY, OPENAI_API_KEY, OPENROUTER_API_KEY, GEMINI_API_KEY, OLLAMA_HOST',
    '  INSPAN_PRICES  A YAML file with prices of your own.',
    '  NO_COLOR       Switches color off.',
  ];
}

/** What `inspan help <command>` shows. */
export function commandHelp(command: CommandSpec): readonly string[] {
  const options = Object.entries(optionsOf(command)).map(([name, { value, repeats, purpose }]) => [
    `  --${name}${name === 'help' ? ', -h' : ''}${value === null ? '' : ` ${value}`}`,
    `${purpose}${repeats === true ? ' May be repeated.' : ''}`,
  ]);
  return [
    `inspan ${usage(command)}${Object.keys(command.options).length === 0 ? '' : ' [options]'}`,
    '',
    command.purpose,
    ...command.notes,
    '',
    'Options:',
    ...tableLines({ rows: options }),
    '',
    command.examples.length === 1 ? 'Example:' : 'Examples:',
    ...command.examples.map((example) => `  ${example}`),
    '',
    ...exitCodeLines,
  ];
}

const exitCodeLines: readonly string[] = Object.freeze([
  'Exit codes:',
  '  0    done',
  '  1    the job failed, or a strict check found warnings',
  '  2    wrong input: nothing was run or written',
  '  130  stopped by Ctrl-C (143 by SIGTERM); what was made is kept',
]);

function usage({ name, words, rest }: CommandSpec): string {
  const behind = rest === undefined ? [] : [`[-- ${rest.name}]`];
  return [
    name,
    ...words.map((word) => (word.required ? `<${word.name}>` : `[${word.name}]`)),
    ...behind,
  ].join(' ');
}
