import { type CommandSpec, optionsOf } from './arguments.ts';
import { tableLines } from './show/table.ts';

/** Commands that share their first word: `inspan jobs list`, `inspan jobs show` … */
export interface GroupSpec {
  readonly name: string;
  readonly purpose: string;
  readonly commands: readonly CommandSpec[];
}

/** What `inspan help` shows: every command, and what exit codes mean. */
export function overviewHelp(commands: readonly (CommandSpec | GroupSpec)[]): readonly string[] {
  return [
    'Inspan runs teams of LLM agents. A team is a folder.',
    '',
    'Usage: inspan <command>',
    '',
    'Commands:',
    ...tableLines({ rows: commands.map((command) => [`  ${usageOf(command)}`, command.purpose]) }),
    '',
    'Options:',
    '  --help, -h     Shows this; after a command, its help.',
    '  --version, -v  Shows the version.',
    '',
    ...exitCodeLines,
    '',
    'Environment:',
    ...tableLines({
      rows: [
        ['  INSPAN_MODEL', 'One model for all agents: provider/name, or offline.'],
        ['  INSPAN_PRICES', 'A YAML file with prices of your own.'],
        ['  INSPAN_DATABASE', 'Where jobs are kept: a file, or postgres://user:password@host/name.'],
        [
          '  INSPAN_REDIS',
          'redis://host:port, for several workers: live news, fast polls, shared rate limits.',
        ],
        [
          '  INSPAN_URL, INSPAN_KEY',
          'The server that inspan jobs and inspan keys speak to, and a key for it.',
        ],
        ['  <PROVIDER>_API_KEY', 'Keys: ANTHROPIC, OPENAI, GEMINI, OPENROUTER, GROQ, MISTRAL, and others.'],
        [
          '  <PROVIDER>_BASE_URL',
          'Another address: ANTHROPIC, OPENAI, VLLM, LLAMACPP, and others; OLLAMA_HOST.',
        ],
        ['  HTTPS_PROXY, NO_PROXY', 'How providers are reached, and HTTP_PROXY.'],
        ['  NO_COLOR', 'Switches color off.'],
      ],
    }),
    '  All providers, with their keys and addresses: docs/models.md.',
  ];
}

/** What `inspan help <group>` shows. */
export function groupHelp({ name, purpose, commands }: GroupSpec): readonly string[] {
  return [
    `inspan ${name} <command>`,
    '',
    purpose,
    '',
    'Commands:',
    ...tableLines({ rows: commands.map((command) => [`  ${usage(command)}`, command.purpose]) }),
    '',
    `What one of them takes: inspan help ${name} <command>`,
    '',
    ...exitCodeLines,
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
  '  1    the job failed, a strict check found warnings, a probe a broken promise, or nobody answered',
  '  2    wrong input: nothing was run or written',
  '  130  stopped by Ctrl-C (143 by SIGTERM); what was made is kept',
]);

function usageOf(command: CommandSpec | GroupSpec): string {
  return 'commands' in command ? `${command.name} <command>` : usage(command);
}

function usage({ name, words, rest }: CommandSpec): string {
  const behind = rest === undefined ? [] : [`[-- ${rest.name}]`];
  return [
    name,
    ...words.map(({ name: word, required, repeats }) => {
      const text = repeats === true ? `${word}…` : word;
      return required ? `<${text}>` : `[${text}]`;
    }),
    ...behind,
  ].join(' ');
}
