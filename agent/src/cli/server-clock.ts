import { isTimeZone } from '@imagefleet/shared/common/time/local-day.ts';
import { newImageId, type ImageId } from '@imagefleet/shared/common/image/image-path.ts';
import type { OperatorOutput } from '@imagefleet/shared/common/operator/operator-api.ts';

export interface ServerClockDeps {
  readonly now: () => number;
  readonly uuid: () => string;
}

/**
 * Chooses ids as the server would. The day in a link is the server's local one: a client in another time zone, or with
 * a wrong clock, would put images into the folder of another day. Until a server has told its clock, this one's counts.
 */
export class ServerClock {
  readonly #deps: ServerClockDeps;
  #aheadMs = 0;
  #timeZone: string | undefined;

  constructor(deps: ServerClockDeps) {
    this.#deps = deps;
  }

  learn(clock: OperatorOutput<'lookupImages'>['clock']): void {
    if (clock === undefined || !isTimeZone(clock.timeZone)) return;
    this.#aheadMs = clock.at - this.#deps.now();
    this.#timeZone = clock.timeZone;
  }

  newId(): ImageId {
    const { now, uuid } = this.#deps;
    return newImageId({ nowMs: now() + this.#aheadMs, timeZone: this.#timeZone, uuid: uuid() });
  }
}
