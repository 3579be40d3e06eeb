import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';

export interface Fault {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** An error code; INTERNAL for what is no FleetError. */
  readonly code: string;
  readonly message: string;
}

const MAX_FAULTS = 100;
const MAX_MESSAGE_LENGTH = 1000;

/** The last faults of the engine, in memory, for the diagnostics; their messages are scrubbed before they are kept. */
export class FaultLog {
  readonly #now: () => number;
  readonly #scrub: (text: string) => string;
  readonly #faults: Fault[] = [];

  constructor(options: { readonly now: () => number; readonly scrub: (text: string) => string }) {
    this.#now = options.now;
    this.#scrub = options.scrub;
  }

  add(error: unknown): void {
    const code = error instanceof FleetError ? error.code : 'INTERNAL';
    const message = this.#scrub(messageOf(error)).slice(0, MAX_MESSAGE_LENGTH);
    this.#faults.push({ at: this.#now(), code, message });
    if (this.#faults.length > MAX_FAULTS) this.#faults.shift();
  }

  /** The oldest first. */
  list(): readonly Fault[] {
    return [...this.#faults];
  }
}

/** With its cause, which is what the system or another program said. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
}
