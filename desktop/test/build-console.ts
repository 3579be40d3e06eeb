import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { obstacle } from './browser.ts';

const ROOT = join(import.meta.dirname, '../..');

/** What the tests look at is what its sources say now. A process of its own: Vite in here would build for tests. */
export function setup(): void {
  if (obstacle !== undefined) return;
  const env = { ...process.env, NODE_ENV: 'production' };
  execFileSync(process.execPath, ['scripts/build-console.ts'], { cwd: ROOT, env, stdio: 'inherit' });
}
