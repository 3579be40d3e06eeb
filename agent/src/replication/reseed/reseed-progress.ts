/** How far a server that is being filled has come. */
export interface ReseedStatus {
  readonly total: number;
  readonly done: number;
  /** Of images that were fetched. */
  readonly bytesDone: number;
  /** Null until the pace is known. */
  readonly etaSeconds: number | null;
}

export interface Pace {
  readonly total: number;
  readonly done: number;
  readonly doneAtStart: number;
  readonly elapsedMs: number;
}

/** Images, not bytes: nobody knows the bytes that visitors have brought already. */
export function etaSecondsOf({ total, done, doneAtStart, elapsedMs }: Pace): number | null {
  const brought = done - doneAtStart;
  if (done >= total) return 0;
  if (brought <= 0 || elapsedMs <= 0) return null;
  return Math.ceil(((total - done) * elapsedMs) / brought / 1000);
}
