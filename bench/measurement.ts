import { difference, untilCopied } from './copies.ts';
import type { SetImage } from './image-set.ts';
import { load } from './load.ts';
import { processCost, type ProcessCost } from './process-cost.ts';
import type { RunningTarget } from './targets.ts';

const COPY_LIMIT_MS = 10 * 60_000;

export interface Measurement {
  readonly uploads: number;
  readonly uploadSeconds: number;
  /** From the first request until the last image was in the last server's folder. */
  readonly lastCopySeconds: number;
  readonly uploadsPerSecond: number;
  /** Images per second that were on every server. */
  readonly replicatedPerSecond: number;
  readonly latencyMs: { readonly p50: number; readonly p95: number; readonly p99: number };
  readonly processes: readonly (ProcessCost & { readonly name: string })[];
  /** What was not as it must be; empty in a good run. */
  readonly problems: readonly string[];
}

/** Uploads the whole set, waits for the last copy on disk, then hashes and compares every copy. */
export async function measure(
  target: RunningTarget,
  images: readonly SetImage[],
  concurrency: number,
): Promise<Measurement> {
  const before = new Map(target.processes.map(({ pid }) => [pid, processCost(pid)?.cpuSeconds ?? 0]));
  const startedAt = performance.now();
  const { seconds, latenciesMs, failures } = await load(images, target, concurrency);
  const uploads = images.length - failures.length;
  const isCopied = await untilCopied(target.folders, uploads, COPY_LIMIT_MS);
  const lastCopySeconds = (performance.now() - startedAt) / 1000;
  const processes = target.processes.map(({ name, pid }) => {
    const cost = processCost(pid) ?? { cpuSeconds: 0, peakBytes: 0 };
    return { name, peakBytes: cost.peakBytes, cpuSeconds: cost.cpuSeconds - (before.get(pid) ?? 0) };
  });
  const differences: string[] = [];
  for (const folder of target.folders) {
    const found = await difference(folder, images);
    if (found !== undefined) differences.push(found);
  }
  return {
    uploads,
    uploadSeconds: seconds,
    lastCopySeconds,
    uploadsPerSecond: uploads / seconds,
    replicatedPerSecond: uploads / lastCopySeconds,
    latencyMs: { p50: percentile(latenciesMs, 50), p95: percentile(latenciesMs, 95), p99: percentile(latenciesMs, 99) },
    processes,
    problems: [
      ...failures.slice(0, 10),
      ...(failures.length > 10 ? [`… ${String(failures.length)} uploads failed`] : []),
      ...(isCopied ? [] : ['not every copy arrived within the limit']),
      ...differences,
    ],
  };
}

/** Nearest rank; `sorted` ascending. */
export function percentile(sorted: readonly number[], percent: number): number {
  return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)] ?? 0;
}

export function median(values: readonly number[]): number {
  return percentile(
    [...values].sort((a, b) => a - b),
    50,
  );
}
