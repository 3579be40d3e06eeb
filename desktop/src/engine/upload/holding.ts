import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';

/** Why nothing goes out. */
export interface Holding {
  readonly code: FleetError['code'];
  readonly message: string;
  /** Milliseconds since the epoch. */
  readonly since: number;
}

interface Options {
  readonly now: () => number;
  /** Something is in the way that was not before. */
  readonly onHolding: ((error: FleetError) => void) | undefined;
}

/** What is in the way: the newest reason, and since when there has been one. */
export class HoldingNote {
  readonly #options: Options;
  #holding: Holding | null = null;

  constructor(options: Options) {
    this.#options = options;
  }

  /** Null: nothing is. */
  get holding(): Holding | null {
    return this.#holding;
  }

  hold(error: unknown): void {
    const known = error instanceof FleetError ? error : new FleetError('INTERNAL', String(error), { cause: error });
    if (this.#holding === null) this.#options.onHolding?.(known);
    const { code, message } = known;
    this.#holding = { code, message, since: this.#holding?.since ?? this.#options.now() };
  }

  clear(): void {
    this.#holding = null;
  }
}
