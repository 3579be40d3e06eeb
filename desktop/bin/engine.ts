import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { runEngineCommand } from '../src/engine/command/engine-command.ts';

const stop = new AbortController();
// Whoever read it has seen enough, as `head` does: the end, as by Ctrl+C.
process.stdout.on('error', () => stop.abort());
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
try {
  process.exitCode = await runEngineCommand({
    args: process.argv.slice(2),
    print: (line) => process.stdout.write(`${line}\n`),
    signal: stop.signal,
    env: process.env,
    version: versionOf(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')),
  });
} catch (error) {
  if (!(error instanceof FleetError)) throw error;
  process.stderr.write(`${error.message} [${error.code}]\n${error.hint === undefined ? '' : `${error.hint}\n`}`);
  process.exitCode = 1;
}

function versionOf(packageJson: string): string {
  return (JSON.parse(packageJson) as { readonly version: string }).version;
}
