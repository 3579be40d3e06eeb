import type { FromEngine } from '#bridge/engine-messages.ts';

/** The other process, whichever way messages go to it. */
export interface MessagePort {
  readonly post: (message: FromEngine) => void;
  /** Whatever comes, unread: who sent it is known, and what it says is not. */
  readonly onMessage: (hear: (message: unknown) => void) => void;
}
