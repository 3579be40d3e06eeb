/** What uploads moved lately, as it was measured. */
export interface UploadRate {
  readonly filesPerSecond: number;
  readonly bytesPerSecond: number;
}

/**
 * Seconds that so much would take: many small files wait for requests, few large ones for bytes, so the slower of both
 * counts. Null without a rate, or with one at which it would never end.
 */
export function forecastSeconds(
  { files, bytes }: { readonly files: number; readonly bytes: number },
  rate: UploadRate | null,
): number | null {
  if (rate === null) return null;
  if (files === 0) return 0;
  const seconds = Math.max(files / rate.filesPerSecond, bytes === 0 ? 0 : bytes / rate.bytesPerSecond);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : null;
}
