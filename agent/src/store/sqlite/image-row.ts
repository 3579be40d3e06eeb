import { foldPath, type ImagePath } from '@imagefleet/shared/common/image/image-path.ts';
import type { PresentRecord } from '@imagefleet/shared/common/image/record.ts';
import { isVersion } from '@imagefleet/shared/common/image/version.ts';
import type { CatalogRecord } from '../catalog.ts';
import { bytesOf, damaged, integerOf, nullableTextOf, textOf, type Row } from './row-values.ts';

export const IMAGE_COLUMNS =
  'fold, path, present, version, created_at, sha256, size_bytes, media_type, original_name, staging_name';

/** The key of a path in both tables. Callers of the catalog hand in parsed paths or ones that a peer's signature covers. */
export function foldOf(path: string): string {
  return foldPath(path as ImagePath);
}

export function recordOf(row: Row): CatalogRecord {
  const path = nullableTextOf(row, 'path') ?? textOf(row, 'fold');
  const version = textOf(row, 'version');
  if (!isVersion(version)) throw damaged('version');
  const createdAt = integerOf(row, 'created_at');
  const stagingName = nullableTextOf(row, 'staging_name');
  if (integerOf(row, 'present') === 0) return { kind: 'tombstone', path, version, createdAt, stagingName };
  return {
    kind: 'present',
    path,
    version,
    sha256: hexOf(bytesOf(row, 'sha256')),
    sizeBytes: integerOf(row, 'size_bytes'),
    mediaType: textOf(row, 'media_type'),
    originalName: textOf(row, 'original_name'),
    createdAt,
    stagingName,
  };
}

/** The record without what only the catalog knows, for those who hand it on. */
export function presentOf(record: CatalogRecord): PresentRecord {
  if (record.kind !== 'present') throw new Error(`a tombstone where an image was expected: ${record.path}`);
  const { stagingName: _stagingName, ...present } = record;
  return present;
}

function hexOf(bytes: Uint8Array): string {
  if (bytes.length !== 32) throw damaged('sha256');
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}
