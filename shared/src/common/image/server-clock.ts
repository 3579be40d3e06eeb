import { isTimeZone } from '../time/local-day.ts';
import { newImageId, type ImageId } from './image-path.ts';

/** What a look-up tells of a server's clock. */
export interface ToldClock {
  /** Epoch milliseconds, the server's. */
  readonly at: number;
  readonly timeZone: string;
}

/**
 * Chooses ids as the server would. The day in a link is the server's local one: a client in another time zone, or with
 * a wrong clock, would put images into the folder of another day. Until a server has told its clock, the client's counts.
 */
export class ServerClock {
  #aheadMs = 0;
  #timeZone: string | undefined;

  /**
   * `receivedAt` is the client's time in epoch milliseconds. A server that does not tell its clock, or one whose time zone
   * is not known here, changes nothing: a day cannot be had from half of it.
   */
  set(told: ToldClock | undefined, receivedAt: number): void {
    if (told === undefined || !isTimeZone(told.timeZone)) return;
    this.#aheadMs = told.at - receivedAt;
    this.#timeZone = told.timeZone;
  }

  /** An id for an image that is first sent now, by the client's clock. */
  newId(nowMs: number, uuid: string): ImageId {
    return newImageId({ nowMs: nowMs + this.#aheadMs, timeZone: this.#timeZone, uuid });
  }
}
