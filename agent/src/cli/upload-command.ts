import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { durationMs } from '@imagefleet/shared/common/config/units.ts';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { ServerClock } from '@imagefleet/shared/common/image/server-clock.ts';
import { walkImages, type SkipReason } from '@imagefleet/shared/node/folder-walk.ts';
import { createUploadClient } from '@imagefleet/shared/node/upload-client.ts';
import { formatBytes, formatCount } from '@imagefleet/shared/common/text/quantities.ts';
import { ExitWith, type CliContext } from './cli-context.ts';
import { writeLinksCsv } from './links-csv.ts';
import { openFirst, resolveAccess, withAccess, type AccessOptions, type FirstServer } from './server-access.ts';
import { startProgress } from './upload-progress.ts';
import type { LocalFile } from './upload-plan.ts';
import { UploadReport } from './upload-report.ts';
import { UploadRun, type UploadRunOptions } from './upload-run.ts';
import { UPLOAD_TEXTS } from './upload-texts.ts';

const MAX_CONCURRENCY = 64;

interface UploadOptions extends AccessOptions {
  readonly concurrency: string;
  readonly ack: string;
  readonly wait: string;
  readonly links?: string;
}

export function uploadCommand(context: CliContext): Command {
  const texts = UPLOAD_TEXTS[context.language];
  return withAccess(new Command('upload'), context)
    .description(texts.description)
    .argument('<paths...>', texts.paths)
    .option('--concurrency <n>', texts.concurrency, '8')
    .option('--ack <copies>', texts.ack, 'local')
    .option('--wait <time>', texts.wait, '30s')
    .option('--links <file>', texts.links)
    .addHelpText('after', texts.after)
    .action(async (paths: readonly string[], options: UploadOptions) => {
      await upload(paths, options, context);
    });
}

async function upload(paths: readonly string[], options: UploadOptions, context: CliContext): Promise<void> {
  const texts = UPLOAD_TEXTS[context.language];
  const isJson = options.json === true;
  const say = (line: string): void => {
    if (!isJson) context.err(line);
  };
  const { concurrency, waitMs } = checkOptions(options, context);
  const access = await resolveAccess(options, context);
  const { files, totalBytes, skipped } = await collect(paths);
  const report = new UploadReport(files.length, skipped);
  if (files.length === 0) say(texts.nothing);
  else say(texts.found(formatCount(files.length), formatBytes(totalBytes), access.servers[0]));
  const startedAt = context.now();
  const progress = startProgress({
    totalFiles: files.length,
    totalBytes,
    isTerminal: context.isTerminal && !isJson,
    err: say,
    now: context.now,
    words: texts.words,
  });
  const client = createUploadClient({ key: access.key, connections: concurrency });
  const signal = context.stopSignal();
  const first = openFirst(access, signal);
  const run = new UploadRun({
    files,
    servers: access.servers,
    concurrency,
    ack: options.ack === 'local' ? undefined : options.ack,
    waitMs,
    client,
    ...questionsTo(first, context),
    now: context.now,
    signal,
    onBytes: progress.addBytes,
    onResult: (result) => {
      report.add(result);
      progress.addFile();
    },
  });
  const end = await run.run().finally(() => {
    progress.stop();
    client.close();
    first.close();
  });
  // A wrong key or address: there is nothing else to tell.
  if (end instanceof FleetError && report.links.length === 0) throw end;
  const seconds = (context.now() - startedAt) / 1000;
  if (options.links !== undefined) {
    await writeLinksCsv(resolve(context.cwd, options.links), report.links);
    say(texts.linksWritten(options.links, formatCount(report.links.length)));
  }
  if (isJson) context.out(JSON.stringify(report.toJson(seconds, end)));
  else for (const line of report.lines(seconds, end, context.language)) context.out(line);
  if (report.hasProblems || end !== undefined || files.length === 0) throw new ExitWith(1);
}

/** What a run asks the fleet besides its uploads. Each look-up tells the server's clock, so ids need no question of their own. */
function questionsTo(
  first: FirstServer,
  { now }: CliContext,
): Pick<UploadRunOptions, 'lookup' | 'newId' | 'replicasOf'> {
  const clock = new ServerClock();
  return {
    lookup: async (sha256) => {
      const answer = await first.ask((client) => client.lookupImages({ sha256: [...sha256] }));
      clock.set(answer.clock, now());
      return answer.images;
    },
    newId: () => clock.newId(now(), randomUUID()),
    replicasOf: async (path) => (await first.ask((client) => client.getImage({ path }))).replicas,
  };
}

function checkOptions(
  options: UploadOptions,
  context: CliContext,
): { concurrency: number; waitMs: number | undefined } {
  const texts = UPLOAD_TEXTS[context.language];
  const refuse = (sentence: string): never => {
    context.err(`imagefleet upload: ${sentence}`);
    throw new ExitWith(2);
  };
  const concurrency = Number(options.concurrency);
  if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > MAX_CONCURRENCY) refuse(texts.badConcurrency);
  if (!/^(local|all|[1-9]|1\d|20)$/.test(options.ack)) refuse(texts.badAck);
  const wait = durationMs.safeParse(options.wait);
  if (!wait.success) return refuse(texts.badWait);
  return { concurrency, waitMs: options.ack === 'local' ? undefined : wait.data };
}

async function collect(paths: readonly string[]): Promise<{
  files: readonly LocalFile[];
  totalBytes: number;
  skipped: ReadonlyMap<SkipReason, number>;
}> {
  const files: LocalFile[] = [];
  const skipped = new Map<SkipReason, number>();
  let totalBytes = 0;
  for await (const entry of walkImages(paths)) {
    if (entry.kind === 'file') {
      files.push({ file: entry.file, sizeBytes: entry.sizeBytes });
      totalBytes += entry.sizeBytes;
    } else {
      skipped.set(entry.reason, (skipped.get(entry.reason) ?? 0) + 1);
    }
  }
  return { files, totalBytes, skipped };
}
