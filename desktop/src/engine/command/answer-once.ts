import type { ItemState } from '#bridge/engine-words.ts';
import { basename, resolve } from 'node:path';
import { linkLine } from '@imagefleet/shared/common/links/link-formats.ts';
import type { EngineClient, EngineOutput } from '#bridge/engine-api.ts';
import { checkingLine, checkLines } from './check-lines.ts';
import type { Wanted } from './command-arguments.ts';
import { itemLine, statusLine } from './command-lines.ts';
import { fleetLines } from './fleet-lines.ts';

const PAGE = 1000;
const TELL_MS = 1000;

type Item = EngineOutput<'listItems'>['items'][number];
interface To {
  /** Absolute. */
  readonly to: string;
}

export interface Asked extends Wanted {
  readonly print: (line: string) => void;
  /** False: nobody works on the queue, it is only looked at. */
  readonly isRunning: boolean;
}

/** Carries out a command that needs no engine that goes on. */
export async function answerOnce(engine: EngineClient, asked: Asked): Promise<void> {
  const { command, isJson, isRunning, print } = asked;
  switch (command) {
    case 'list':
      return list(engine, asked);
    case 'check':
      return check(engine, asked);
    case 'fleet': {
      for (const line of fleetLines(await engine.readFleet({}), { isJson, now: Date.now() })) print(line);
      return;
    }
    case 'links':
    case 'export':
    case 'diagnostics':
      return asked.to === undefined ? printLinks(engine, asked) : write(engine, { ...asked, to: asked.to });
    case 'pause':
    case 'resume':
    case 'retry':
    case 'cancel':
      await engine[command]({});
      break;
    case 'limit':
      await engine.setLimits(asked.limits);
      break;
    case 'clear':
      await engine.clearHistory({});
      break;
    case 'status':
    case 'add':
    case 'run':
      break;
  }
  print(statusLine(command, await engine.readStatus({}), { isJson, isRunning }));
}

async function check(engine: EngineClient, { folders, include, exclude, isJson, print }: Asked): Promise<void> {
  const tell = async (): Promise<void> => {
    const progress = await engine.readCheck({});
    if (progress !== null) print(checkingLine(progress, isJson));
  };
  const timer = setInterval(() => {
    // The check itself fails for the same reason, and says it.
    tell().catch(() => clearInterval(timer));
  }, TELL_MS);
  try {
    const roots = folders.map((folder) => resolve(folder));
    const report = await engine.checkFolders({ roots, include, exclude });
    for (const line of checkLines(report, isJson)) print(line);
  } finally {
    clearInterval(timer);
  }
}

async function list(engine: EngineClient, { state, isJson, print }: Asked): Promise<void> {
  for await (const item of itemsOf(engine, state)) print(itemLine(item, isJson));
}

async function printLinks(engine: EngineClient, { links, isJson, print }: Asked): Promise<void> {
  for await (const { state, image, file, path, sizeBytes, sha256 } of itemsOf(engine)) {
    if (image === null || (state !== 'done' && state !== 'present')) continue;
    const line = linkLine({ link: image.link, name: basename(file), path, sizeBytes, sha256 }, links);
    print(isJson ? JSON.stringify({ event: 'link', path, line }) : line);
  }
}

async function* itemsOf(engine: EngineClient, state?: ItemState): AsyncGenerator<Item> {
  for (let after: number | null = 0; after !== null;) {
    const page: EngineOutput<'listItems'> = await engine.listItems({ limit: PAGE, after, ...(state && { state }) });
    yield* page.items;
    after = page.next;
  }
}

async function write(engine: EngineClient, { command, to, links, isJson, print }: Asked & To): Promise<void> {
  const written =
    command === 'links'
      ? await engine.writeLinks({ ...links, file: to })
      : command === 'export'
        ? await engine.writeTable({ file: to })
        : await engine.writeDiagnostics({ file: to });
  print(isJson ? JSON.stringify({ event: command, file: to, ...written }) : `written: ${to}`);
}
