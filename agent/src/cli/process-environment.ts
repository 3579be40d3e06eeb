/**
 * Two settings that a process reads from its environment when it starts. The pool of libuv runs every disk call: with
 * its usual four threads, four slow syncs stop all reads. glibc otherwise keeps one malloc arena per thread, which
 * costs an agent tens of megabytes that it never uses again.
 */
export const AGENT_ENVIRONMENT: Readonly<Record<string, string>> = { UV_THREADPOOL_SIZE: '16', MALLOC_ARENA_MAX: '2' };

/**
 * V8 lets the space for young objects of every thread grow to three times 16 MB before it looks for garbage there, and
 * the one for old objects to three times what lives in it. What an agent allocates dies with its request. Measured: a
 * young space of 1 MB and an old one that grows by six tenths save some sixty megabytes and cost a tenth of the CPU
 * time; a growth of only four tenths counts the buffers of connections against it too, and collects without end.
 */
export const AGENT_NODE_FLAGS: readonly string[] = ['--max-semi-space-size=1', '--heap-growing-percent=60'];

/** Makes sure the agent's process has both: replaces the process by itself where the system can, which keeps its id. */
export function ensureAgentEnvironment(): void {
  const variables = Object.entries(AGENT_ENVIRONMENT).filter(([name]) => process.env[name] === undefined);
  const flags = AGENT_NODE_FLAGS.filter((flag) => !hasFlag(flag));
  if (variables.length === 0 && flags.length === 0) return;
  // Measured on Node 24: libuv reads its setting at the first use of the pool, which loading modules is not.
  for (const [name, value] of variables) process.env[name] = value;
  // For the rest the process has to start again. A channel to a parent would be lost on the way.
  if (process.platform === 'win32' || process.channel !== undefined || process.execve === undefined) return;
  const args = [process.execPath, ...flags, ...process.execArgv, ...process.argv.slice(1)];
  process.execve(process.execPath, args, process.env);
}

/**
 * For a program that writes to disks which may hang, and need not be small: enough threads, so that one dead network disk
 * does not hold up the others. Called before anything uses the pool.
 */
export function ensureThreadPool(): void {
  process.env['UV_THREADPOOL_SIZE'] ??= AGENT_ENVIRONMENT['UV_THREADPOOL_SIZE'];
}

/** Whether somebody has set this option of Node already, to whatever value. */
function hasFlag(flag: string): boolean {
  const name = flag.split('=')[0] ?? flag;
  return process.execArgv.some((arg) => arg.startsWith(name)) || process.env['NODE_OPTIONS']?.includes(name) === true;
}
