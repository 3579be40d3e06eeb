import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { callEngine, engineClient } from '../api/call-engine.ts';
import type { EngineClient } from '#bridge/engine-api.ts';
import { controlAddress } from '../control/control-address.ts';
import { connectToEngine } from '../control/control-client.ts';
import { serveControl } from '../control/control-server.ts';
import { openEngine, type OpenedEngine } from '../open-engine.ts';
import { answerOnce } from './answer-once.ts';
import { addedLines, setAsideLine, statusLine } from './command-lines.ts';
import { ENGINE_USAGE, readArguments, type Wanted } from './command-arguments.ts';

const TELL_MS = 1000;
/** As shells tell of a program that SIGINT ended. */
const STOPPED = 130;
const HEARD_LIMIT_MS = 5000;
const HEARD_EVERY_MS = 50;
/** Without an engine that runs they have to be told where the fleet is. */
const NEED_SERVERS: ReadonlySet<Wanted['command']> = new Set(['add', 'run', 'check', 'fleet']);

export interface CommandContext {
  readonly args: readonly string[];
  readonly print: (line: string) => void;
  readonly signal: AbortSignal;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Of this program. */
  readonly version: string;
}

type Running = Wanted & Pick<CommandContext, 'print' | 'signal' | 'version'>;

/** Answers the exit code: 0 when all is in the fleet, 1 when something failed, 2 for a wrong call, 130 when it was stopped. */
export async function runEngineCommand(context: CommandContext): Promise<number> {
  const wanted = readArguments(context.args);
  if (typeof wanted === 'string') {
    context.print(wanted);
    return wanted === ENGINE_USAGE ? 0 : 2;
  }
  const named = wanted.servers.length > 0 ? wanted.servers : serversOf(context.env['IMAGEFLEET_SERVER']);
  const running = { ...wanted, servers: named, print: context.print, signal: context.signal, version: context.version };
  try {
    return await begin(running, context.env);
  } catch (error) {
    // Whatever was under way ends with the signal's reason, and somebody wanted it so.
    if (!context.signal.aborted || error instanceof FleetError) throw error;
    return STOPPED;
  }
}

async function begin(running: Running, env: CommandContext['env']): Promise<number> {
  const address = controlAddress(running.dataDir);
  const elsewhere = await connectToEngine(address, running.signal);
  if (elsewhere !== undefined) return askElsewhere(elsewhere, running);
  if (NEED_SERVERS.has(running.command) && running.servers.length === 0) {
    running.print('--server is missing: the address of a server of the fleet');
    return 2;
  }
  return openHere(running, { address, key: running.key ?? env['IMAGEFLEET_KEY'] });
}

/** An engine runs with this data folder, so it is the one that does what is wanted. */
async function askElsewhere(engine: EngineClient, running: Running): Promise<number> {
  if (running.command === 'run') {
    throw new FleetError('PATH_BUSY', `an engine runs already with the data folder ${running.dataDir}`, {
      hint: 'The other commands speak to it.',
    });
  }
  if (running.command === 'add') await add(engine, running);
  else await answerOnce(engine, { ...running, isRunning: true });
  return 0;
}

async function openHere(
  running: Running,
  { address, key }: { address: string; key: string | undefined },
): Promise<number> {
  const faults: Error[] = [];
  const stop = new AbortController();
  const signal = AbortSignal.any([running.signal, stop.signal]);
  const opened = await openEngine({
    ...{ dataDir: running.dataDir, servers: running.servers, key, version: running.version },
    onFault: (error) => {
      faults.push(error instanceof Error ? error : new Error(String(error)));
      stop.abort();
    },
  });
  try {
    for (const file of opened.setAside) running.print(setAsideLine(file, running.isJson));
    const code = await carryOut(opened, { ...running, signal }, address);
    for (const fault of faults) throw fault;
    return code;
  } finally {
    await opened.close();
  }
}

async function carryOut(opened: OpenedEngine, running: Running, address: string): Promise<number> {
  const { queue, service } = opened;
  const engine = engineClient((method, input) => callEngine(service, method, { input, signal: running.signal }));
  if (running.command !== 'add' && running.command !== 'run') {
    queue.recover();
    if (running.command === 'fleet') await heard(opened, running.signal);
    await answerOnce(engine, { ...running, isRunning: false });
    return 0;
  }
  const control = await serveControl(address, service);
  try {
    return await upload(opened, engine, running);
  } finally {
    await control.close();
  }
}

/** Until the queue is done, or somebody stops it. */
async function upload(opened: OpenedEngine, engine: EngineClient, running: Running): Promise<number> {
  const { signal, isJson, print } = running;
  const tell = async (event: string): Promise<void> =>
    print(statusLine(event, await engine.readStatus({}), { isJson, isRunning: true }));
  if (Object.keys(running.limits).length > 0) await engine.setLimits(running.limits);
  opened.start();
  const failed = Promise.withResolvers<never>();
  const timer = setInterval(() => {
    tell('progress').catch(failed.reject);
  }, TELL_MS);
  const work = async (): Promise<void> => {
    if (running.command === 'add') await add(engine, running);
    await tell('started');
    await opened.whenDone();
  };
  try {
    await Promise.race([work(), aborted(signal), failed.promise]);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    clearInterval(timer);
  }
  await opened.engine.pause();
  await tell(signal.aborted ? 'stopped' : 'done');
  if (signal.aborted) return STOPPED;
  return opened.queue.counts().failed.files > 0 ? 1 : 0;
}

async function add(engine: EngineClient, { folders, include, exclude, isJson, print }: Running): Promise<void> {
  const added = await engine.addFolders({ roots: folders.map((folder) => resolve(folder)), include, exclude });
  for (const line of addedLines(added, isJson)) print(line);
}

/** Until the fleet has told how it is, or does not. */
async function heard({ fleet }: OpenedEngine, signal: AbortSignal): Promise<void> {
  fleet.start();
  for (let waited = 0; waited < HEARD_LIMIT_MS && !signal.aborted; waited += HEARD_EVERY_MS) {
    const { live, heardAt } = fleet.snapshot();
    if (live === 'live' && heardAt !== null) return;
    await delay(HEARD_EVERY_MS);
  }
}

/** As `imagefleet` reads it; more than one with commas between them. */
function serversOf(text = ''): readonly string[] {
  return text.split(',').flatMap((server) => (server.trim() === '' ? [] : [server.trim()]));
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resume) => {
    if (signal.aborted) resume();
    else signal.addEventListener('abort', () => resume(), { once: true });
  });
}
