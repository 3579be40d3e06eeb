import { MultiBar, Presets, type SingleBar } from 'cli-progress';
import { formatBytes, formatCount, formatSeconds } from '@imagefleet/shared/common/text/quantities.ts';
import { TransferSpeed } from '@imagefleet/shared/common/time/transfer-speed.ts';

const LINE_EVERY_MS = 5000;

export interface UploadProgress {
  readonly addBytes: (bytes: number) => void;
  readonly addFile: () => void;
  readonly stop: () => void;
}

export interface ProgressOptions {
  readonly totalFiles: number;
  readonly totalBytes: number;
  readonly isTerminal: boolean;
  readonly err: (line: string) => void;
  readonly now: () => number;
  /** Words in the reader's language. */
  readonly words: { readonly files: string; readonly left: string };
}

/** A moving bar on a terminal, otherwise a line now and then. */
export function startProgress(options: ProgressOptions): UploadProgress {
  const meter = new TransferSpeed();
  let files = 0;
  let bytes = 0;
  meter.note(options.now(), { files, bytes });
  const line = (): string => {
    meter.note(options.now(), { files, bytes });
    // Bytes of a try that failed are taken back.
    const speed = Math.max(0, meter.bytesPerSecond() ?? 0);
    const seconds = meter.secondsFor({ files: options.totalFiles - files, bytes: options.totalBytes - bytes });
    const eta = seconds === null ? '–' : formatSeconds(seconds);
    const counts = `${formatCount(files)}/${formatCount(options.totalFiles)} ${options.words.files}`;
    const amount = `${formatBytes(bytes)}/${formatBytes(options.totalBytes)}`;
    return `${counts} | ${amount} | ${formatBytes(speed)}/s | ${options.words.left} ${eta}`;
  };
  const view = options.isTerminal ? barView(options.totalBytes, line, () => bytes) : lineView(options.err, line);
  return {
    addBytes: (more) => {
      bytes += more;
    },
    addFile: () => {
      files += 1;
    },
    stop: () => {
      view.stop();
    },
  };
}

interface View {
  stop(): void;
}

function barView(totalBytes: number, line: () => string, bytes: () => number): View {
  const bars = new MultiBar(
    { format: '{bar} {percentage}% | {line}', stream: process.stderr, hideCursor: true, barsize: 24, fps: 5 },
    Presets.shades_classic,
  );
  // A bar over nothing would show NaN.
  const bar: SingleBar = bars.create(Math.max(totalBytes, 1), 0, { line: line() });
  const draw = (): void => {
    bar.update(Math.min(bytes(), Math.max(totalBytes, 1)), { line: line() });
  };
  const timer = setInterval(draw, 200);
  return {
    stop: () => {
      clearInterval(timer);
      draw();
      bars.stop();
    },
  };
}

function lineView(err: (line: string) => void, line: () => string): View {
  const timer = setInterval(() => {
    err(line());
  }, LINE_EVERY_MS);
  return {
    stop: () => {
      clearInterval(timer);
    },
  };
}
