import { ITEM_STATES, type ItemState } from '#bridge/engine-words.ts';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { sizeBytes } from '@imagefleet/shared/common/config/units.ts';
import { DEFAULT_TEMPLATE, LINK_FORMATS, type LinkChoice } from '@imagefleet/shared/common/links/link-formats.ts';
import { MAX_REQUESTS, type EngineLimits } from '#bridge/engine-api.ts';

export const ENGINE_USAGE = `npm run engine -- <command> [options]
The desktop's upload engine without a window. The queue lies in the data folder; Ctrl+C leaves it where it is, and "run"
goes on from there. While an engine runs, the other commands speak to it from a second terminal.
  add FOLDER …      adds every image below the folders; uploads them, unless an engine runs already and does
  check FOLDER …    what adding them would do; nothing is added or sent
  run               goes on with what is in the queue, until it is empty
  status            how many files are in which state, the speed, what is in the way
  fleet             the servers, and what is the matter with them
  list              the files, with their links or what failed (--state)
  links             the links of all that is in the fleet (--format; --to FILE)
  export --to FILE  a table of all files (CSV)
  diagnostics --to FILE   one document for whoever helps you; no key is in it
  pause, resume     the whole queue; stays paused over a restart
  retry             tries again what failed, and at once what waits for its next try
  cancel            gives up what is not in the fleet yet
  limit             how much may go out at once (--rate, --requests)
  clear             takes out of the list what is done with
Options
  --server URL      a server of the fleet; once for each (add, run, check, fleet)
  --key KEY         its key; without them the variables IMAGEFLEET_SERVER and IMAGEFLEET_KEY
  --data DIR        (./engine-data)
  --include PATTERN, --exclude PATTERN   such as *.png or drafts/** (add, check; once for each)
  --state STATE     ${ITEM_STATES.join(', ')} (list)
  --format FORMAT   ${LINK_FORMATS.join(', ')}, or a template such as '{name}: {link}' (links)
  --to FILE         where it is written (links, export, diagnostics)
  --rate SIZE       bytes a second, such as 2MB; 0 for no limit (limit, add, run)
  --requests N      to one server at the same time, 1 to ${String(MAX_REQUESTS)} (limit, add, run)
  --json            one line of JSON for each piece of news`;

const COMMANDS = [
  'add',
  'run',
  'check',
  'status',
  'fleet',
  'list',
  'links',
  'export',
  'diagnostics',
  'pause',
  'resume',
  'retry',
  'cancel',
  'limit',
  'clear',
] as const;
type Command = (typeof COMMANDS)[number];

export interface Wanted {
  readonly command: Command;
  readonly folders: readonly string[];
  readonly servers: readonly string[];
  readonly key: string | undefined;
  readonly dataDir: string;
  readonly include: string[];
  readonly exclude: string[];
  readonly state: ItemState | undefined;
  readonly limits: Partial<EngineLimits>;
  readonly links: LinkChoice;
  /** Of the file that is written; absolute. */
  readonly to: string | undefined;
  readonly isJson: boolean;
}

const TAKE_FOLDERS: ReadonlySet<Command> = new Set(['add', 'check']);
const NEED_FILE: ReadonlySet<Command> = new Set(['export', 'diagnostics']);

const text = { type: 'string' } as const;
const texts = { type: 'string', multiple: true } as const;
const flag = { type: 'boolean' } as const;
const OPTIONS = {
  ...{ server: texts, key: text, data: text, include: texts, exclude: texts },
  ...{ state: text, rate: text, requests: text, format: text, to: text, json: flag, help: flag },
};
const DATA_DIR = 'engine-data';

/** What is wanted, or the text for somebody who needs help or made a mistake. */
export function readArguments(args: readonly string[]): Wanted | string {
  try {
    const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options: OPTIONS });
    const [name, ...folders] = positionals;
    if (values.help === true || name === undefined) return ENGINE_USAGE;
    const command = COMMANDS.find((one) => one === name);
    if (command === undefined) return `there is no command ${name}; --help tells those that there are`;
    const { server: servers = [], key, data: dataDir = DATA_DIR, include = [], exclude = [], json } = values;
    const wanted = {
      ...{ command, folders, servers, key, dataDir, include, exclude, isJson: json === true },
      ...{ state: stateOf(values.state), limits: limitsOf(values), links: linksOf(values.format ?? 'url') },
      to: values.to === undefined ? undefined : resolve(values.to),
    };
    return wrongIn(wanted) ?? wanted;
  } catch (error) {
    // What Node's parser and the checks below say is a sentence for whoever typed it.
    return error instanceof Error ? error.message : String(error);
  }
}

function wrongIn({ command, folders, limits, to }: Wanted): string | undefined {
  if (TAKE_FOLDERS.has(command) && folders.length === 0) return `${command} needs a folder`;
  if (!TAKE_FOLDERS.has(command) && folders.length > 0) return `${command} takes no folder`;
  if (NEED_FILE.has(command) && to === undefined) return `${command} needs --to FILE`;
  if (command === 'limit' && Object.keys(limits).length === 0) return 'limit needs --rate or --requests';
  return undefined;
}

function stateOf(text: string | undefined): ItemState | undefined {
  if (text === undefined) return undefined;
  const state = ITEM_STATES.find((one) => one === text);
  if (state === undefined) throw new Error(`--state: one of ${ITEM_STATES.join(', ')}`);
  return state;
}

/** What is no format of ours is a template of the operator's own; without a field in it, it is a mistake. */
function linksOf(text: string): LinkChoice {
  const format = LINK_FORMATS.find((one) => one === text);
  if (format !== undefined) return { format, template: DEFAULT_TEMPLATE };
  if (!text.includes('{')) throw new Error(`--format: ${LINK_FORMATS.join(', ')}, or a template with {link}`);
  return { format: 'template', template: text };
}

function limitsOf({
  rate,
  requests,
}: {
  readonly rate?: string | undefined;
  readonly requests?: string | undefined;
}): Partial<EngineLimits> {
  return {
    ...(rate !== undefined && { bytesPerSecond: rateOf(rate) }),
    ...(requests !== undefined && { requests: requestsOf(requests) }),
  };
}

function rateOf(text: string): number {
  if (text === '0') return 0;
  const size = sizeBytes.safeParse(text);
  if (!size.success) throw new Error(`--rate: ${size.error.issues[0]?.message ?? text}`);
  return size.data;
}

function requestsOf(text: string): number {
  const requests = Number(text);
  if (!Number.isInteger(requests) || requests < 1 || requests > MAX_REQUESTS) {
    throw new Error(`--requests: a whole number from 1 to ${String(MAX_REQUESTS)}`);
  }
  return requests;
}
