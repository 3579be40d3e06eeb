import { utilityProcess } from 'electron';
import type { FromEngine } from '#bridge/engine-messages.ts';
import type { EngineProcess, EngineProcessHearer } from '#main/engine-keeper.ts';

const NAME = 'Imagefleet engine';

/** Starts the engine's program in a process of its own, without a window and without rights over this one. */
export function launchEngine(file: string, { onMessage, onExit }: EngineProcessHearer): EngineProcess {
  const child = utilityProcess.fork(file, [], { serviceName: NAME });
  child.on('message', (message: FromEngine) => onMessage(message));
  child.once('exit', () => onExit());
  return { post: (message) => child.postMessage(message), kill: () => void child.kill() };
}
