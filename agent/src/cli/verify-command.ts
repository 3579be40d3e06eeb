import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { VerifyReport } from '@imagefleet/shared/common/operator/repair-schemas.ts';
import type { FleetClient } from '@imagefleet/shared/node/fleet-client.ts';
import { formatCount } from '@imagefleet/shared/common/text/quantities.ts';
import { ExitWith, type CliContext } from './cli-context.ts';
import { askFirst, resolveAccess, withAccess, type AccessOptions } from './server-access.ts';
import { verifyLines } from './verify-report.ts';
import { VERIFY_TEXTS } from './verify-texts.ts';

/** First wait on the server's side: most runs are short, and then one call is all. */
const WAIT_SECONDS = 20;
const POLL_MS = 1000;

interface VerifyOptions extends AccessOptions {
  readonly proof?: string;
  readonly asOf?: string;
}

export function verifyCommand(context: CliContext): Command {
  const texts = VERIFY_TEXTS[context.language];
  return withAccess(new Command('verify'), context)
    .description(texts.description)
    .option('--proof <file>', texts.proof)
    .option('--as-of <time>', texts.asOf)
    .addHelpText('after', texts.after)
    .action(async (options: VerifyOptions) => {
      const { proof, asOf } = options;
      if (asOf !== undefined && (proof === undefined || Number.isNaN(Date.parse(asOf)))) {
        context.err(`imagefleet verify: ${texts.badAsOf}`);
        throw new ExitWith(2);
      }
      if (proof === undefined) await verify(options, context);
      else await writeProof(proof, options, context);
    });
}

async function verify(options: VerifyOptions, context: CliContext): Promise<void> {
  const access = await resolveAccess(options, context);
  const report = await askFirst(access, (client) => untilDone(client, context));
  if (options.json === true) context.out(JSON.stringify(report));
  else for (const line of verifyLines(report, context.language)) context.out(line);
  if (!report.isEqual) throw new ExitWith(1);
}

async function untilDone(client: FleetClient, context: CliContext): Promise<VerifyReport> {
  const texts = VERIFY_TEXTS[context.language];
  const signal = context.stopSignal();
  let report = await client.startVerify({ waitSeconds: WAIT_SECONDS });
  while (report.state !== 'done') {
    if (context.isTerminal) {
      const moved = report.servers.reduce((sum, { pulled, pushed }) => sum + pulled + pushed, 0);
      context.err(texts.progress(formatCount(moved), formatCount(report.copies?.checked ?? 0)));
    }
    await sleep(POLL_MS, undefined, { signal });
    const { report: known } = await client.readVerify({ id: report.id });
    if (known === null) throw new FleetError('PEER_FAILED', texts.lost);
    report = known;
  }
  return report;
}

async function writeProof(file: string, options: VerifyOptions, context: CliContext): Promise<void> {
  const access = await resolveAccess(options, context);
  const { asOf } = options;
  const input = asOf === undefined ? {} : { asOf: new Date(asOf).toISOString() };
  const proof = await askFirst(access, (client) => client.readProof(input));
  const text = JSON.stringify(proof, null, 2);
  if (file === '-') {
    context.out(text);
  } else {
    await writeFile(resolve(context.cwd, file), `${text}\n`);
    context.err(VERIFY_TEXTS[context.language].written(file));
    context.out(proof.statement[context.language]);
  }
  if (proof.result !== 'same') throw new ExitWith(1);
}
