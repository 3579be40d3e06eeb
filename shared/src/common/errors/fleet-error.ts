import type { ErrorCodeEntry } from './error-code-entry.ts';
import { ERROR_CODES, type ErrorCode } from './error-codes.ts';

/** The form in which an error crosses a border: HTTP, the peer protocol, the command line's `--json`. */
export interface ErrorBody {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string;
}

/** The one error class of the product: what failed (`message`), its `code`, and what the operator can do (`hint`). */
export class FleetError extends Error {
  override readonly name = 'FleetError';
  readonly code: ErrorCode;
  readonly #hint: string | undefined;

  constructor(code: ErrorCode, message: string, options: { readonly cause?: unknown; readonly hint?: string } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.#hint = options.hint;
  }

  get hint(): string | undefined {
    return this.#hint ?? this.#entry.hint;
  }

  get status(): number {
    return this.#entry.status;
  }

  /** Whether the same request may succeed later without anybody changing it. */
  get isRetryable(): boolean {
    return this.#entry.retryable;
  }

  toBody(): ErrorBody {
    const { code, message, hint } = this;
    return hint === undefined ? { code, message } : { code, message, hint };
  }

  get #entry(): ErrorCodeEntry {
    return ERROR_CODES[this.code];
  }
}
