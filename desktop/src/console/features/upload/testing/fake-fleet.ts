import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { StoredImage } from '@imagefleet/shared/common/operator/operator-schemas.ts';
import type { ImageUpload } from '#console/api/host.ts';
import { hashBlob } from '../hash-blob.ts';
import type { QueuePorts } from '../queue-ports.ts';
import type { ItemState } from '../item-states.ts';
import { type UploadQueue } from '../upload-queue.ts';

interface Timer {
  readonly at: number;
  readonly run: () => void;
}

/** A fleet of one server, and a clock that stands still until it is moved. */
export class FakeFleet {
  readonly stored = new Map<string, StoredImage>();
  readonly sent: ImageUpload[] = [];
  readonly asked: (readonly string[])[] = [];
  clock: { at: number; timeZone: string } | undefined;
  /** What happens to the next uploads, one each; then they succeed. */
  failures: Error[] = [];
  lookupFailures: Error[] = [];
  /** Uploads hang until they are ended by their signal. */
  isHanging = false;
  nowMs = Date.UTC(2026, 2, 9, 12);
  #timers = new Set<Timer>();
  #uuids = 0;

  readonly ports: QueuePorts = {
    hash: hashBlob,
    lookup: async (sha256) => {
      this.asked.push(sha256);
      const failure = this.lookupFailures.shift();
      if (failure !== undefined) throw failure;
      const images = [...this.stored.values()].filter((image) => sha256.includes(image.sha256));
      return { images, ...(this.clock === undefined ? {} : { clock: this.clock }) };
    },
    upload: (upload) => this.#upload(upload),
    now: () => this.nowMs,
    random: () => 0.999,
    uuid: () => {
      this.#uuids += 1;
      return `00000000-0000-4000-8000-${String(this.#uuids).padStart(12, '0')}`;
    },
    nextTurn: turn,
    setTimer: (run, ms) => {
      const timer = { at: this.nowMs + ms, run };
      this.#timers.add(timer);
      return () => void this.#timers.delete(timer);
    },
  };

  /** Lets time pass; due timers run in their order. */
  async advance(ms: number): Promise<void> {
    const end = this.nowMs + ms;
    for (;;) {
      const [next] = [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (next === undefined) break;
      this.#timers.delete(next);
      this.nowMs = Math.max(this.nowMs, next.at);
      next.run();
      await turn();
    }
    this.nowMs = end;
    await turn();
  }

  async #upload(upload: ImageUpload): Promise<StoredImage> {
    this.sent.push(upload);
    if (this.isHanging) {
      upload.onProgress(Math.floor(upload.file.size / 2));
      await new Promise((_resolve, reject) => {
        upload.signal.addEventListener('abort', () => reject(new Error('ended')));
      });
    }
    const failure = this.failures.shift();
    if (failure !== undefined) throw failure;
    const known = this.stored.get(upload.id);
    if (known !== undefined) return known;
    upload.onProgress(upload.file.size);
    const sha256 = await hashBlob(upload.file);
    const image: StoredImage = {
      ...{ path: `${upload.id}.png`, link: `http://i-1.example.com/${upload.id}.png`, sha256 },
      ...{ sizeBytes: upload.file.size, mediaType: 'image/png', originalName: upload.name },
      replicas: [
        { server: 's1', state: 'stored' },
        { server: 's2', state: 'pending' },
      ],
    };
    this.stored.set(upload.id, image);
    return image;
  }
}

export function pngNamed(name: string, content = name): { readonly file: File; readonly path: string } {
  return { file: new File([content], name, { type: 'image/png' }), path: name };
}

export const LOST = new FleetError('PEER_UNREACHABLE', 'the line is cut');

/** Waits, in real time and not long, for what happens without timers: reading files and answers. */
export async function until(isSo: () => boolean): Promise<void> {
  for (let turns = 0; turns < 500 && !isSo(); turns += 1) await turn();
  if (!isSo()) throw new Error('it did not come to that');
}

export function statesOf(queue: UploadQueue): readonly ItemState[] {
  return [...queue.items()].map(({ state }) => state);
}

async function turn(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 1));
}
