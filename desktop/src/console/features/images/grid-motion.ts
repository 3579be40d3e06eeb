/** Smallest width of a tile with its gap, pixels. */
const TILE_PX = 152;

/** How many tiles stand side by side in so many pixels. */
export function columnsOf(widthPx: number): number {
  return Math.max(1, Math.floor(widthPx / TILE_PX));
}

interface GridShape {
  readonly count: number;
  readonly columns: number;
  /** Rows that are seen at once. */
  readonly pageRows: number;
}

/** Where a key leads from an image; the same place at an edge, undefined when the key does not move. */
export function moveBy(key: string, from: number, { count, columns, pageRows }: GridShape): number | undefined {
  const steps: Readonly<Record<string, number>> = {
    ArrowLeft: -1,
    ArrowRight: 1,
    ArrowUp: -columns,
    ArrowDown: columns,
    PageUp: -columns * Math.max(1, pageRows),
    PageDown: columns * Math.max(1, pageRows),
    Home: -count,
    End: count,
  };
  const step = steps[key];
  if (step === undefined || count === 0) return undefined;
  const to = from + step;
  if (to >= 0 && to < count) return to;
  // Up and down keep their column: half a step would look like a step aside. The last row may be a short one.
  if (key === 'ArrowUp') return from;
  if (key === 'ArrowDown') return Math.floor(from / columns) < Math.floor((count - 1) / columns) ? count - 1 : from;
  return Math.min(Math.max(to, 0), count - 1);
}

/** A list as it is laid out. */
export interface LaidOut {
  readonly paths: readonly string[];
  readonly columns: number;
  readonly rowPx: number;
}

/**
 * How far an image moved down (or, below 0, up) when the list became longer, shorter, wider or another view: by so many
 * pixels the page scrolls after it, so that what is looked at stays. 0 when the image is in one of the lists only.
 */
export function pixelsMoved(before: LaidOut, after: LaidOut, index: number): number {
  const path = before.paths[index];
  const now = path === undefined ? -1 : after.paths.indexOf(path);
  return now < 0 ? 0 : topOf(now, after) - topOf(index, before);
}

function topOf(index: number, { columns, rowPx }: LaidOut): number {
  return Math.floor(index / columns) * rowPx;
}
