import { MultiBar, Presets, type SingleBar } from 'cli-progress';
import { formatBytes, formatCount, formatSeconds } from '@imagefleet/shared/common/text/quantities.ts';

const LINE_EVERY_MS = 5000;
/** Speed is measured over so long: shorter jumps, longer lies. */
const WINDOW_MS = 10_000;
const SAMPLE_MS = 500;

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
  const meter = new SpeedMeter(options.now);
  let files = 0;
  let bytes = 0;
  const line = (): string => {
    const speed = meter.bytesPerSecond(bytes);
    const eta = speed > 0 ? formatSeconds((options.totalBytes - bytes) / speed) : '–';
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

/** Mean speed over the last seconds. */
export class SpeedMeter {
  readonly #now: () => number;
  #samples: { readonly at: number; readonly bytes: number }[];

  constructor(now: () => number) {
    this.#now = now;
    this.#samples = [{ at: now(), bytes: 0 }];
  }

  /** `bytes` is the total so far. */
  bytesPerSecond(bytes: number): number {
    const at = this.#now();
    const newest = this.#samples.at(-1);
    if (newest === undefined || at - newest.at >= SAMPLE_MS) this.#samples.push({ at, bytes });
    this.#samples = this.#samples.filter(
      (sample, index) => at - sample.at <= WINDOW_MS || index === this.#samples.length - 1,
    );
    const oldest = this.#samples[0];
    if (oldest === undefined || at <= oldest.at) return 0;
    return Math.max(0, ((bytes - oldest.bytes) * 1000) / (at - oldest.at));
  }
}
