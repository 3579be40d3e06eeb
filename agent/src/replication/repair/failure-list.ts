import type { ErrorCode } from '@imagefleet/shared/common/errors/error-codes.ts';

/** Failures that are kept and told; the others are only counted. */
const LISTED = 100;

export interface RepairFailure {
  readonly path: string;
  readonly code: ErrorCode;
  readonly message: string;
}

/** Failures of single images. A run over millions of images that all fail takes no more memory than one of a hundred. */
export class FailureList {
  /** The first ones. */
  readonly listed: RepairFailure[] = [];
  readonly #byCode = new Map<ErrorCode, { readonly first: RepairFailure; readonly count: number }>();

  get count(): number {
    return [...this.#byCode.values()].reduce((sum, { count }) => sum + count, 0);
  }

  add(failure: RepairFailure): void {
    if (this.listed.length < LISTED) this.listed.push(failure);
    const { first, count } = this.#byCode.get(failure.code) ?? { first: failure, count: 0 };
    this.#byCode.set(failure.code, { first, count: count + 1 });
  }

  countOf(code: ErrorCode): number {
    return this.#byCode.get(code)?.count ?? 0;
  }

  /** The first with this code, also when it is not listed. */
  firstOf(code: ErrorCode): RepairFailure | undefined {
    return this.#byCode.get(code)?.first;
  }
}
