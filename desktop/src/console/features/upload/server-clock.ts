import { newImageId } from '@imagefleet/shared/common/image/image-path.ts';
import { isTimeZone } from '@imagefleet/shared/common/time/local-day.ts';

/** The server's clock as a look-up told it: names hold the server's day, not that of the operator's computer. */
export class ServerClock {
  #skewMs = 0;
  #timeZone: string | undefined;

  /** `at` and `receivedAt` are epoch milliseconds, the server's and ours. */
  set(clock: { readonly at: number; readonly timeZone: string }, receivedAt: number): void {
    this.#skewMs = clock.at - receivedAt;
    this.#timeZone = isTimeZone(clock.timeZone) ? clock.timeZone : undefined;
  }

  /** An id for an image that is first sent now. */
  newId(now: number, uuid: string): string {
    return newImageId({ nowMs: now + this.#skewMs, timeZone: this.#timeZone, uuid });
  }
}

/** RFC 9562, version 4. crypto.randomUUID is missing where the console came over plain HTTP. */
export function randomUuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const hex = Array.from(bytes, (byte, index) => {
    const marked = index === 6 ? (byte & 0x0f) | 0x40 : index === 8 ? (byte & 0x3f) | 0x80 : byte;
    return marked.toString(16).padStart(2, '0');
  }).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
