import { fork } from 'node:child_process';
import { notes } from './notes.ts';

export const utilityProcess = {
  fork: (file: string, args: readonly string[]) => {
    // Without what makes this process the double: the engine knows nothing of Electron.
    const child = fork(file, args, { execArgv: [], serialization: 'advanced' });
    if (child.pid !== undefined) notes.engines.push(child.pid);
    const on = (event: string, hear: (value: unknown) => void): void => void child.on(event, hear);
    return {
      on,
      once: (event: string, hear: (value: unknown) => void): void => void child.once(event, hear),
      postMessage: (message: object): void => {
        if (child.connected) child.send(message);
      },
      kill: () => child.kill('SIGKILL'),
    };
  },
};
