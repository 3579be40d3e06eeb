import { coalesce, type HookEvent } from './hook-event.ts';
import type { Hook } from './hook.ts';

/** Events of one server that wait for one hook. */
export const MAX_WAITING = 16;

export interface HookTurn {
  readonly hook: Hook;
  readonly event: HookEvent;
}

/** What waits for its turn, in order. Pure bookkeeping: who runs it is another matter. */
export class HookLine {
  #waiting: HookTurn[] = [];

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /**
   * True when the hook was too slow for this and earlier events of the server, and all that waited for it became one. Only
   * then: a hook that keeps up sees every state. Notices of incidents say different things, so of those the oldest goes.
   */
  add(turn: HookTurn): boolean {
    const own = this.#waiting.filter(({ hook }) => hook === turn.hook);
    if (own.length < MAX_WAITING) {
      this.#waiting.push(turn);
      return false;
    }
    if (turn.event.server === null) {
      this.#waiting = [...this.#waiting.filter((one) => one !== own[0]), turn];
      return true;
    }
    const event = [...own, turn].map((one) => one.event).reduce(coalesce);
    this.#waiting = [...this.#waiting.filter(({ hook }) => hook !== turn.hook), { hook: turn.hook, event }];
    return true;
  }

  next(): HookTurn | undefined {
    return this.#waiting.shift();
  }

  clear(): number {
    const dropped = this.#waiting.length;
    this.#waiting = [];
    return dropped;
  }
}
