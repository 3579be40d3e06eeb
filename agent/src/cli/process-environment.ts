/**
 * Two settings that a process reads from its environment when it starts. The pool of libuv runs every disk call: with
 * its usual four threads, four slow syncs stop all reads. glibc otherwise keeps one malloc arena per thread, which
 * costs an agent tens of megabytes that it never uses again.
 */
export const AGENT_ENVIRONMENT: Readonly<Record<string, string>> = { UV_THREADPOOL_SIZE: '16', MALLOC_ARENA_MAX: '2' };

/** Makes sure the agent's process has them: replaces the process by itself where the system can, which keeps its id. */
export function ensureAgentEnvironment(): void {
  const missing = Object.entries(AGENT_ENVIRONMENT).filter(([name]) => process.env[name] === undefined);
  if (missing.length === 0) return;
  // Measured on Node 24: libuv reads its setting at the first use of the pool, which loading modules is not.
  for (const [name, value] of missing) process.env[name] = value;
  // malloc has read its own long ago. A channel to a parent would be lost on the way.
  if (process.platform === 'win32' || process.channel !== undefined || process.execve === undefined) return;
  process.execve(process.execPath, [process.execPath, ...process.execArgv, ...process.argv.slice(1)], process.env);
}
