import { resolve } from 'node:path';
import type { EngineClient } from '../api/engine-api.ts';
import { checkLines } from './check-lines.ts';
import type { Wanted } from './command-arguments.ts';
import { itemLine, statusLine } from './command-lines.ts';
import { fleetLines } from './fleet-lines.ts';

const PAGE = 1000;

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
    case 'check': {
      const { include, exclude } = asked;
      const roots = asked.folders.map((folder) => resolve(folder));
      const report = await engine.checkFolders({ roots, include, exclude });
      for (const line of checkLines(report, isJson)) print(line);
      return;
    }
    case 'fleet': {
      for (const line of fleetLines(await engine.readFleet({}), { isJson, now: Date.now() })) print(line);
      return;
    }
    case 'links':
    case 'export':
    case 'diagnostics':
      return write(engine, asked);
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

async function list(engine: EngineClient, { state, isJson, print }: Asked): Promise<void> {
  let after: number | null = 0;
  while (after !== null) {
    const { items, next } = await engine.listItems({ limit: PAGE, after, ...(state !== undefined && { state }) });
    for (const item of items) print(itemLine(item, isJson));
    after = next;
  }
}

async function write(engine: EngineClient, { command, to, links, isJson, print }: Asked): Promise<void> {
  if (to === undefined) {
    const { text, lines, isWhole } = await engine.readLinks(links);
    if (isJson) print(JSON.stringify({ event: 'links', text, lines, isWhole }));
    else if (lines > 0) print(text);
    return;
  }
  const written =
    command === 'links'
      ? await engine.writeLinks({ ...links, file: to })
      : command === 'export'
        ? await engine.writeTable({ file: to })
        : await engine.writeDiagnostics({ file: to });
  print(isJson ? JSON.stringify({ event: command, file: to, ...written }) : `written: ${to}`);
}
