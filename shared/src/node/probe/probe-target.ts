import type { HttpCheck } from '#common/health/http-check.ts';

/** One server to probe: by connecting to its port, or by HTTP where `http` is given. */
export interface ProbeTarget {
  /** Unique among the targets; stands in messages. */
  readonly name: string;
  /** A name, or an IPv4 or IPv6 address without brackets. */
  readonly host: string;
  readonly port: number;
  /** From the start of the probe, name look-up included, to its verdict. */
  readonly timeoutMs: number;
  readonly http?: HttpCheck;
}

/** How much of a body is read, to look for the expected text and to let the server finish. */
export const MAX_BODY_BYTES = 64 * 1024;
