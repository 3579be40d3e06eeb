import { onTestFinished } from 'vitest';
import type { Delivery, DeliveryCause } from '@imagefleet/shared/common/delivery/delivery.ts';
import type { PresentRecord, TombstoneRecord } from '@imagefleet/shared/common/image/record.ts';
import { formatVersion, type Version } from '@imagefleet/shared/common/image/version.ts';
import type { Catalog, DeliveryTarget, LocalWrite } from '#store/catalog.ts';
import { tempFolder } from './temp-folder.ts';

/** Makes a catalog whose data lies in `folder`; two of one folder, one after the other, are a restart. */
export type CatalogFactory = (folder: string) => Catalog;

/** A fixed present, so that every instant in a test is a small number added to it. */
export const NOW = 1_763_900_000_000;
export const PEERS = ['s2', 's3'];
export const DOWN: DeliveryCause = { code: 'PEER_DOWN', message: 's2 is down' };
export const REFUSED: DeliveryCause = { code: 'PEER_UNREACHABLE', message: 'connection refused' };
export const TO_ALL: readonly DeliveryTarget[] = PEERS.map((server) => ({ server, parkedBy: null }));

/** Started, and stopped when the test ends. */
export async function startedCatalog(make: CatalogFactory, folder?: string): Promise<Catalog> {
  const catalog = make(folder ?? (await tempFolder()));
  await catalog.start(PEERS);
  onTestFinished(() => catalog.stop());
  return catalog;
}

/** 64 hex digits that stand for the content number `content`. */
export function hashOf(content: number): string {
  return content.toString(16).padStart(64, '0');
}

export function aWrite(path: string, more: Partial<LocalWrite> = {}): LocalWrite {
  return {
    path,
    sha256: hashOf(1),
    sizeBytes: 1000,
    mediaType: 'image/jpeg',
    originalName: 'IMG_1.jpg',
    mode: 'create',
    stagingName: null,
    targets: [],
    ...more,
  };
}

/** A version `aheadMs` after NOW, by another server. */
export function versionAt(aheadMs: number, counter = 0, serverId = 'other'): Version {
  return formatVersion({ wallMs: NOW + aheadMs, counter }, serverId);
}

export function aRecord(path: string, version: Version, more: Partial<PresentRecord> = {}): PresentRecord {
  return {
    kind: 'present',
    path,
    version,
    sha256: hashOf(1),
    sizeBytes: 1000,
    mediaType: 'image/jpeg',
    originalName: 'IMG_1.jpg',
    createdAt: NOW,
    ...more,
  };
}

export function aTombstone(path: string, version: Version): TombstoneRecord {
  return { kind: 'tombstone', path, version, createdAt: NOW };
}

/** Everything that is open, oldest first. */
export function ledgerOf(catalog: Catalog): Promise<readonly Delivery[]> {
  return catalog.listDeliveries({ afterId: 0, limit: 100_000 });
}

/** Rows of one server, one image each, in the order of their names. */
export async function queueImages(catalog: Catalog, count: number, targets = TO_ALL): Promise<readonly Delivery[]> {
  const writes = Array.from({ length: count }, (_, index) =>
    aWrite(`q/${String(index).padStart(6, '0')}.jpg`, { sha256: hashOf(index), targets }),
  );
  await catalog.write(writes, NOW);
  return ledgerOf(catalog);
}

export function due(catalog: Catalog, server: string, more: Partial<Parameters<Catalog['takeDue']>[0]> = {}) {
  return catalog.takeDue({ server, nowMs: NOW, withFailed: true, limit: 1000, ...more });
}
