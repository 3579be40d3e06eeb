/**
 * `status` is the HTTP status, `retryable` tells whether the same request may succeed later without anybody changing it,
 * `hint` is what an operator should do.
 */
export interface ErrorCodeEntry {
  readonly status: number;
  readonly retryable: boolean;
  readonly hint?: string;
}
