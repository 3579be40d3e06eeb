import { spawn } from 'node:child_process';

const IS_WINDOWS = process.platform === 'win32';

/** Options of `spawn` that give a program a group of its own, so that it can be ended with all that it started. */
export const OWN_GROUP = { detached: !IS_WINDOWS, windowsHide: true } as const;

/**
 * Signals a program that was started with `OWN_GROUP`, and everything that it started. Windows knows no signals: there the
 * tree of processes is ended at once.
 */
export function signalGroup(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (IS_WINDOWS) {
    spawn('taskkill', ['/pid', String(pid), '/T', '/F'], { stdio: 'ignore', windowsHide: true }).on(
      'error',
      () => undefined,
    );
    return;
  }
  try {
    process.kill(-pid, signal);
  } catch {
    // Nobody of the group is left.
  }
}
