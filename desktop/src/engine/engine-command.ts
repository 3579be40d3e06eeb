import { parseArgs } from 'node:util';
import { formatBytes, formatCount } from '@imagefleet/shared/common/text/quantities.ts';
import { openEngine, type OpenedEngine } from './open-engine.ts';
import { ITEM_STATES, type QueueCounts } from './queue/queue-item.ts';
import { scanFolders } from './scan/scan-folders.ts';

export const ENGINE_USAGE = `npm run engine -- <command> --server URL [--server URL …] [--key KEY] [--data DIR]
The desktop's upload engine without a window. The queue lies in the data folder; Ctrl+C leaves it where it is, and "run"
goes on from there.
  add FOLDER …   adds every image below the folders and uploads
  run            goes on with what is in the queue
  retry          tries again what failed
  cancel         gives up what is not up yet
  status         how many files are in which state
  --data DIR     (./engine-data)
  --json         one line of JSON for each piece of news`;

const COMMANDS = ['add', 'run', 'retry', 'cancel', 'status'] as const;
type Command = (typeof COMMANDS)[number];
const TELL_MS = 1000;

export interface CommandContext {
  readonly args: readonly string[];
  readonly print: (line: string) => void;
  readonly signal: AbortSignal;
  readonly machineKey: string;
}

interface Wanted {
  readonly command: Command;
  readonly folders: readonly string[];
  readonly servers: readonly string[];
  readonly key: string | undefined;
  readonly dataDir: string;
  readonly isJson: boolean;
}

/** Answers the exit code: 0 when all is in the fleet, 1 when something failed, 2 for a wrong call, 130 when it was stopped. */
export async function runEngineCommand(context: CommandContext): Promise<number> {
  const wanted = readArguments(context.args);
  if (typeof wanted === 'string') {
    context.print(wanted);
    return wanted === ENGINE_USAGE ? 0 : 2;
  }
  const faults: Error[] = [];
  const stop = new AbortController();
  const signal = AbortSignal.any([context.signal, stop.signal]);
  const opened = await openEngine({
    ...{ dataDir: wanted.dataDir, servers: wanted.servers, key: wanted.key, machineKey: context.machineKey },
    onFault: (error) => {
      faults.push(error instanceof Error ? error : new Error(String(error)));
      stop.abort();
    },
  });
  try {
    if (opened.setAsideAs !== null) context.print(`the queue was damaged; it lies at ${opened.setAsideAs}`);
    const code = await carryOut(opened, wanted, { ...context, signal });
    for (const fault of faults) throw fault;
    return code;
  } finally {
    await opened.close();
  }
}

async function carryOut(opened: OpenedEngine, wanted: Wanted, context: CommandContext): Promise<number> {
  const { engine, queue } = opened;
  const tell = (event: string): void => context.print(line(event, queue.counts(), wanted.isJson));
  if (wanted.command === 'status') {
    tell('status');
    return 0;
  }
  queue.recover();
  if (wanted.command === 'cancel') {
    for (const state of ['queued', 'inDoubt', 'paused'] as const) await engine.moveAll(state, 'cancelled');
    tell('cancelled');
    return 0;
  }
  if (wanted.command === 'retry') await engine.moveAll('failed', 'queued');
  if (wanted.command === 'add') await add(opened, wanted.folders, context);
  tell('started');
  engine.resume();
  const timer = setInterval(() => tell('progress'), TELL_MS);
  try {
    await Promise.race([engine.whenIdle(), aborted(context.signal)]);
  } finally {
    clearInterval(timer);
  }
  await engine.pause();
  tell(context.signal.aborted ? 'stopped' : 'done');
  if (context.signal.aborted) return 130;
  return queue.counts().failed.files > 0 ? 1 : 0;
}

async function add({ queue }: OpenedEngine, folders: readonly string[], context: CommandContext): Promise<void> {
  for await (const { found, passedOver } of scanFolders(folders, { signal: context.signal })) {
    queue.add(found);
    for (const { file, reason } of passedOver) context.print(`passed over (${reason}): ${file}`);
  }
}

function line(event: string, counts: QueueCounts, isJson: boolean): string {
  if (isJson) return JSON.stringify({ event, counts });
  const told = ITEM_STATES.filter((state) => counts[state].files > 0).map((state) => {
    return `${state} ${formatCount(counts[state].files)} (${formatBytes(counts[state].bytes)})`;
  });
  return `${event}: ${told.length === 0 ? 'the queue is empty' : told.join(', ')}`;
}

function readArguments(args: readonly string[]): Wanted | string {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      server: { type: 'string', multiple: true, default: [] },
      key: { type: 'string' },
      data: { type: 'string', default: 'engine-data' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const [name, ...folders] = positionals;
  if (values.help || name === undefined) return ENGINE_USAGE;
  const command = COMMANDS.find((one) => one === name);
  if (command === undefined) return `there is no command ${name}; --help tells those that there are`;
  const needsServer = command !== 'status' && command !== 'cancel';
  if (needsServer && values.server.length === 0) return '--server is missing: the address of a server of the fleet';
  if (command === 'add' && folders.length === 0) return 'add needs a folder';
  return { command, folders, servers: values.server, key: values.key, dataDir: values.data, isJson: values.json };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
