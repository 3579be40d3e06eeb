import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AGENT_ENVIRONMENT } from './process-environment.ts';

const MODULE = join(import.meta.dirname, 'process-environment.ts');
/** Fills the pool of threads and tells how many more threads there are then, and what malloc was told at the start. */
const PROBE = `
  import { pbkdf2 } from 'node:crypto';
  import { readdirSync, readFileSync } from 'node:fs';
  import { ensureAgentEnvironment } from ${JSON.stringify(MODULE)};
  ensureAgentEnvironment();
  const before = readdirSync('/proc/self/task').length;
  for (let index = 0; index < 40; index += 1) pbkdf2('a', 'b', 20000, 32, 'sha512', () => undefined);
  const atStart = readFileSync('/proc/self/environ', 'latin1').split('\\0');
  console.log(JSON.stringify({
    threads: readdirSync('/proc/self/task').length - before,
    arenas: atStart.find((line) => line.startsWith('MALLOC_ARENA_MAX')),
    args: process.argv.slice(2),
  }));
`;

function probe(env: Readonly<Record<string, string>>): unknown {
  const args = ['--input-type=module', '--eval', PROBE, '--', 'kept', 'arguments'];
  return JSON.parse(
    execFileSync(process.execPath, args, { env: { PATH: process.env['PATH'], ...env }, encoding: 'utf8' }),
  );
}

describe.skipIf(process.platform !== 'linux')('the environment of an agent', () => {
  it('sizes the pool of threads before its first use', () => {
    expect(probe({ MALLOC_ARENA_MAX: '2' })).toMatchObject({ threads: 16 });
  });

  it('leaves what the operator has set', () => {
    expect(probe({ ...AGENT_ENVIRONMENT, UV_THREADPOOL_SIZE: '6' })).toMatchObject({ threads: 6 });
  });
});
