import { isIPv6 } from 'node:net';

/** HTTP status codes from `from` to `to`, both included. */
export interface StatusRange {
  readonly from: number;
  readonly to: number;
}

/** What a GET must be answered with. */
export interface HttpExpectation {
  /** With the query, as it goes into the request line. */
  readonly path: string;
  /** HTTPS; the certificate must be valid for the host. */
  readonly isTls: boolean;
  /** An answer whose status lies in one of them is right. A redirect is an answer: it is not followed. */
  readonly statuses: readonly StatusRange[];
  /** Text (UTF-8) that must stand in the first `MAX_BODY_BYTES` of the body. */
  readonly body?: string;
}

/** One server to probe: by connecting to its port, or by HTTP where `http` is given. */
export interface ProbeTarget {
  /** Unique among the targets; stands in messages. */
  readonly name: string;
  /** A name, or an IPv4 or IPv6 address without brackets. */
  readonly host: string;
  readonly port: number;
  /** From the start of the probe, name look-up included, to its verdict. */
  readonly timeoutMs: number;
  readonly http?: HttpExpectation;
}

export const DEFAULT_STATUSES: readonly StatusRange[] = [{ from: 200, to: 399 }];

/** How much of a body is read, to look for the expected text and to let the server finish. */
export const MAX_BODY_BYTES = 64 * 1024;

/** `host:port` as people write it. */
export function addressOf({ host, port }: { readonly host: string; readonly port: number }): string {
  return isIPv6(host) ? `[${host}]:${String(port)}` : `${host}:${String(port)}`;
}
