/** HTTP status codes from `from` to `to`, both included. */
export interface StatusRange {
  readonly from: number;
  readonly to: number;
}

/** What a GET must be answered with. */
export interface HttpCheck {
  /** With the query, as it goes into the request line. */
  readonly path: string;
  /** HTTPS; the certificate must be valid for the host. */
  readonly isTls: boolean;
  /** An answer whose status lies in one of them is right. A redirect is an answer: it is not followed. */
  readonly statuses: readonly StatusRange[];
  /** Text (UTF-8) that must stand in the part of the body that is read. */
  readonly body?: string;
}

export const DEFAULT_STATUSES: readonly StatusRange[] = [{ from: 200, to: 399 }];
