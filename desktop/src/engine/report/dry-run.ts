import type { FileClass } from '#bridge/engine-words.ts';
import type { FoundFile } from '#engine/queue/queue-item.ts';
import type { UploadQueueStore } from '#engine/queue/upload-queue-store.ts';
import type { ScanRules } from '#engine/scan/scan-filter.ts';
import type { scanFolders } from '#engine/scan/scan-folders.ts';
import type { HashSome } from '#engine/queue/cached-hashes.ts';
import { DryRunTally, type DryRunReport, type FileTally } from './dry-run-report.ts';
import { FileJudge } from './file-judge.ts';
import { forecastSeconds, type UploadRate } from './forecast.ts';
import type { LookupAnywhere } from './lookup-with-fail-over.ts';
import { MAX_KNOWN_FILES, readQueueHistory } from './queue-history.ts';

/** How far a dry run is. How much is left nobody knows before the scan has ended. */
export interface DryRunProgress {
  readonly files: number;
  readonly bytes: number;
  readonly passedOver: number;
  readonly classes: Readonly<Record<FileClass, FileTally>>;
}

export interface DryRunOptions {
  readonly roots: readonly string[];
  readonly rules?: ScanRules;
  readonly signal: AbortSignal;
  readonly scan: typeof scanFolders;
  readonly hash: HashSome;
  readonly lookup: LookupAnywhere;
  readonly store: Pick<UploadQueueStore, 'page'>;
  /** Null: nothing was measured yet, and no time is told. */
  readonly rate: UploadRate | null;
  /** New contents that are kept to find twins among them, default MAX_KNOWN_FILES; the report says when they were more. */
  readonly maxContents?: number;
  /** As the counts grow: after some files, at the latest when the large ones among them were read. */
  readonly onProgress?: (progress: DryRunProgress) => void;
}

/** Of one look-up, which takes a thousand hashes. */
const ROUND_FILES = 256;
/** So that progress is told every second or so also with large files. */
const ROUND_BYTES = 256 * 1024 * 1024;

/**
 * What adding these folders would do, without adding or sending anything; hashes are kept, so the upload need not read
 * the files again. Errors: INPUT_INVALID for a rule, those of the look-up when no server answers and of the queue when its
 * disk fails, and what `signal` was aborted with.
 */
export async function dryRun(options: DryRunOptions): Promise<DryRunReport> {
  const { roots, rules, signal, scan, hash, lookup, store, rate, maxContents = MAX_KNOWN_FILES } = options;
  const history = await readQueueHistory(store, { signal });
  const judge = new FileJudge({ hash, lookup, history, signal, maxContents });
  await judge.start();
  const tally = new DryRunTally();
  const tell = (): void => {
    options.onProgress?.(progressOf(tally));
    signal.throwIfAborted();
  };
  for await (const { found, passedOver } of scan(roots, { signal, ...(rules !== undefined && { rules }) })) {
    if (passedOver.length > 0) {
      tally.pass(passedOver);
      tell();
    }
    for (const round of roundsOf(found)) {
      tally.add(await judge.judge(round));
      tell();
    }
  }
  const { toSend, ...told } = tally.report();
  return {
    ...{ ...told, toSend, limits: judge.limits },
    forecastSeconds: forecastSeconds(toSend, rate),
    hasAllTwins: judge.hasAllTwins,
    history: { files: history.files, isWhole: history.isWhole && history.names.isWhole },
  };
}

function* roundsOf(files: readonly FoundFile[]): Generator<readonly FoundFile[]> {
  let round: FoundFile[] = [];
  let bytes = 0;
  for (const file of files) {
    if (round.length >= ROUND_FILES || (round.length > 0 && bytes + file.sizeBytes > ROUND_BYTES)) {
      yield round;
      round = [];
      bytes = 0;
    }
    round.push(file);
    bytes += file.sizeBytes;
  }
  if (round.length > 0) yield round;
}

function progressOf(tally: DryRunTally): DryRunProgress {
  const classes = tally.counts();
  const tallies = Object.values(classes);
  return {
    files: tallies.reduce((sum, { files }) => sum + files, 0),
    bytes: tallies.reduce((sum, { bytes }) => sum + bytes, 0),
    passedOver: tally.passedOverCount,
    classes,
  };
}
