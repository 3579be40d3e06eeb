import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newImageId } from '@imagefleet/shared/common/image/image-path.ts';
import { pngImage } from '@imagefleet/shared/testing/generated-images.ts';
import type { SentItem, SentOutcome } from '#engine/queue/upload-ports.ts';
import { sentFile } from '#engine/testing/sent-items.ts';
import { nextRequest, REQUEST_LIMITS } from '#engine/upload/request-plan.ts';
import { RequestSender } from '#engine/upload/request-sender.ts';
import { ConsoleFleet } from './console-fleet.ts';

const FILES = 200;
const HTML_PLACE = 77;

interface Page {
  readonly images: readonly { readonly path: string; readonly sha256: string }[];
  readonly next: string | null;
}

describe("the engine's sender and a real fleet", () => {
  let fleet: ConsoleFleet;
  let sender: RequestSender;
  let dir: string;
  let items: readonly SentItem[];

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'imagefleet-sender-'));
    fleet = await ConsoleFleet.start();
    sender = new RequestSender({ key: fleet.key, connections: 4 });
    items = await Promise.all(
      Array.from({ length: FILES }, async (_, place) => {
        const content = place === HTML_PLACE ? '<html>not found</html>' : pngImage({ seed: place });
        const item = await sentFile(dir, `${String(place)}.png`, content);
        return { ...item, id: newImageId({ nowMs: Date.now(), uuid: randomUUID() }) };
      }),
    );
  });
  afterAll(async () => {
    sender.close();
    await fleet.stop();
    await rm(dir, { recursive: true, force: true });
  });

  /** All of them, request by request. */
  async function sendAll(index: number): Promise<readonly SentOutcome[]> {
    const outcomes: SentOutcome[] = [];
    const signal = new AbortController().signal;
    let left = items;
    while (left.length > 0) {
      const request = new Set(nextRequest(left, REQUEST_LIMITS));
      const { url: server } = fleet.agent(index);
      outcomes.push(...(await sender.send([...request], { server, signal, onBytes: () => undefined })));
      left = left.filter((item) => !request.has(item));
    }
    return outcomes;
  }

  async function imagesAt(index: number): Promise<Page['images']> {
    const page = (await (await fleet.call(index, '/images?limit=1000')).json()) as Page;
    expect(page.next).toBeNull();
    return page.images;
  }

  const right = (): readonly unknown[] =>
    items.map(({ key, id, sha256 }, place) =>
      place === HTML_PLACE
        ? (expect.objectContaining({ key, kind: 'refused', code: 'NOT_AN_IMAGE' }) as unknown)
        : (expect.objectContaining({
            ...{ key, kind: 'stored', sha256, isAsQueued: true },
            image: expect.objectContaining({ path: `${id}.png` }) as unknown,
          }) as unknown),
    );

  it('store each image once, whether it is sent once, again, or again at another server', async () => {
    expect(await sendAll(0)).toEqual(right());
    expect(await sendAll(0)).toEqual(right());
    expect(await sendAll(1)).toEqual(right());
    const expected = items.filter((_, place) => place !== HTML_PLACE).map(({ id, sha256 }) => `${id}.png ${sha256}`);
    for (const index of [0, 1, 2]) {
      await expect.poll(async () => (await imagesAt(index)).length, { timeout: 30_000 }).toBe(FILES - 1);
      const stored = (await imagesAt(index)).map(({ path, sha256 }) => `${path} ${sha256}`);
      expect(stored.toSorted()).toEqual(expected.toSorted());
    }
  });

  it('tell a wrong key as a failure of the server, and of no file', async () => {
    const stranger = new RequestSender({ key: 'wrong', connections: 1 });
    const outcomes = await stranger.send(items.slice(0, 3), {
      ...{ server: fleet.agent(0).url, signal: new AbortController().signal, onBytes: () => undefined },
    });
    stranger.close();
    const lost = { kind: 'lost', error: { code: 'KEY_WRONG' } };
    expect(outcomes).toMatchObject([lost, lost, lost]);
  });
});
