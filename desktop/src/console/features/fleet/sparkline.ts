import type { LatencyPoint } from '@imagefleet/shared/common/operator/history-schemas.ts';

export interface SparkFrame {
  readonly from: number;
  readonly to: number;
  readonly width: number;
  readonly height: number;
  /** Latency at the upper edge, milliseconds. */
  readonly topMs: number;
}

/** An SVG path through the medians; broken where no probe was answered, so that no line pretends to know. */
export function sparkPath(points: readonly LatencyPoint[], frame: SparkFrame, gapMs: number): string {
  const parts: string[] = [];
  let lastAt: number | undefined;
  for (const { at, p50Ms } of points) {
    if (p50Ms === null) {
      lastAt = undefined;
      continue;
    }
    const x = ((at - frame.from) / (frame.to - frame.from)) * frame.width;
    const y = frame.height - Math.min(1, p50Ms / frame.topMs) * frame.height;
    const isNew = lastAt === undefined || at - lastAt > gapMs;
    // The line of no length makes a point of one that stands alone; its round end is drawn.
    parts.push(`${isNew ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}${isNew ? 'h0' : ''}`);
    lastAt = at;
  }
  return parts.join('');
}

const TOPS_MS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000] as const;

/** A round number that is not below any median. */
export function topOf(points: readonly LatencyPoint[]): number {
  const highest = Math.max(0, ...points.map(({ p50Ms }) => p50Ms ?? 0));
  return TOPS_MS.find((top) => top >= highest) ?? highest;
}

/** `0.8 ms`, `12 ms`. */
export function formatMs(ms: number): string {
  return ms < 10 ? `${ms.toFixed(1)} ms` : `${String(Math.round(ms))} ms`;
}
