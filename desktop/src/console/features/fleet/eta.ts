/** How many copies were open at an instant (epoch milliseconds). */
export interface Sample {
  readonly at: number;
  readonly open: number;
}

/** A pace is that of the last minute; what was before says little of what comes. */
const WINDOW_MS = 60_000;
/** From a shorter time no pace is told: it would jump. */
const MIN_SPAN_MS = 2000;
const MAX_SAMPLES = 200;

/** The samples with one more; begins anew when nothing is open, or when more came than went. */
export function withSample(samples: readonly Sample[], sample: Sample): readonly Sample[] {
  const last = samples.at(-1);
  if (sample.open === 0) return [];
  if (last !== undefined && sample.open > last.open) return [sample];
  if (last?.at === sample.at) return samples;
  return [...samples.filter(({ at }) => sample.at - at <= WINDOW_MS), sample].slice(-MAX_SAMPLES);
}

/** Seconds until nothing is open if it goes on like this; null while no pace is known. */
export function etaSeconds(samples: readonly Sample[]): number | null {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined) return null;
  const spanMs = last.at - first.at;
  const gone = first.open - last.open;
  if (spanMs < MIN_SPAN_MS || gone <= 0) return null;
  return Math.max(1, Math.round((last.open * spanMs) / gone / 1000));
}
