import type { PresentRecord } from '@imagefleet/shared/common/image/record.ts';
import { parseImagePath } from '@imagefleet/shared/common/image/image-path.ts';
import { silentLogger, type Logger } from '@imagefleet/shared/common/log/logger.ts';
import { formatVersion } from '@imagefleet/shared/common/image/version.ts';
import type { Catalog } from '#store/catalog.ts';
import { FreeSpaceFloor } from '#store/free-space-floor.ts';
import type { ImageStore } from '#store/image-store.ts';
import { PathLocks } from '#store/path-locks.ts';
import { PeerClient } from '../../peer-client.ts';
import { StagingSlots } from '../../staging-slots.ts';
import { chunksOf } from '#store/testing/image-store-contract.ts';
import { imageBytes, type TestServer } from '../../testing/test-server.ts';
import { CopySource } from '../copy-source.ts';

const LIMITS = { count: 8, bytes: 1e8 };

export interface Planted {
  readonly path: string;
  readonly bytes?: Buffer;
  /** Order of the versions. */
  readonly at?: number;
}

/** Instants of planted versions, all a while ago. */
const START_MS = Date.now() - 3_600_000;

/** Puts an image on one server only, as if it had come long ago; nobody is to bring it to the others. */
export async function plant(
  server: TestServer,
  { path, bytes = imageBytes(), at = 1 }: Planted,
): Promise<PresentRecord> {
  const { stagingName, sha256, sizeBytes } = await server.store.stage(chunksOf(bytes), { maxBytes: bytes.length });
  await server.store.publish(stagingName, parseImagePath(path));
  const version = formatVersion({ wallMs: START_MS + at, counter: 0 }, 'elsewhere');
  const fields = { mediaType: 'image/png', originalName: '照片.png', createdAt: 1 };
  const record: PresentRecord = { kind: 'present', path, version, sha256, sizeBytes, ...fields };
  await server.catalog.merge([{ record, stagingName: null }], server.now());
  return record;
}

export async function bury(server: TestServer, path: string, at: number): Promise<void> {
  const version = formatVersion({ wallMs: START_MS + at, counter: 0 }, 'elsewhere');
  const record = { kind: 'tombstone' as const, path, version, createdAt: 1 };
  await server.catalog.merge([{ record, stagingName: null }], server.now());
}

/** `peer` as `asker` asks it for images. */
export function sourceOf(peer: TestServer, asker: TestServer): CopySource {
  const address = { name: peer.name, url: peer.url, securityKey: peer.key };
  const self = (): { id: string; name: string } => ({ id: asker.catalog.serverId, name: asker.name });
  return new CopySource(peer.name, new PeerClient({ peer: address, self, now: asker.now }));
}

interface TakingDeps {
  readonly store: ImageStore;
  readonly catalog: Catalog;
  readonly locks: PathLocks;
  readonly now: () => number;
  readonly logger: Logger;
  readonly slots: StagingSlots;
  readonly room: StagingSlots;
  readonly assertRoomFor: (sizeBytes: number) => Promise<void>;
}

/** What a server takes images in with, for what pulls and restores. */
export function takingDeps(server: TestServer): TakingDeps {
  return {
    ...{ store: server.store, catalog: server.catalog, locks: new PathLocks(), now: server.now, logger: silentLogger },
    ...{ slots: new StagingSlots(LIMITS), room: new StagingSlots(LIMITS) },
    assertRoomFor: (sizeBytes) => new FreeSpaceFloor(server.store, 1e6).assertRoomFor(sizeBytes),
  };
}
