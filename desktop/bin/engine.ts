import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { runEngineCommand } from '../src/engine/command/engine-command.ts';

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
try {
  process.exitCode = await runEngineCommand({
    args: process.argv.slice(2),
    print: (line) => process.stdout.write(`${line}\n`),
    signal: stop.signal,
    env: process.env,
  });
} catch (error) {
  if (!(error instanceof FleetError)) throw error;
  process.stderr.write(`${error.message} [${error.code}]\n`);
  process.exitCode = 1;
}
