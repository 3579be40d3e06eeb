import type { Version } from './version.ts';

/** What is known of one image path. Exactly one record exists per path; the record with the highest version wins. */
export type ImageRecord = PresentRecord | TombstoneRecord;

export interface PresentRecord {
  readonly kind: 'present';
  /** NFC, as given by the uploader; see image-path.ts. */
  readonly path: string;
  readonly version: Version;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly sizeBytes: number;
  /** From the bytes, such as `image/jpeg`. */
  readonly mediaType: string;
  /** File name as sent, without folders; empty when none was sent. */
  readonly originalName: string;
  /** When the image was first accepted anywhere; epoch milliseconds. */
  readonly createdAt: number;
}

export interface TombstoneRecord {
  readonly kind: 'tombstone';
  readonly path: string;
  readonly version: Version;
  readonly createdAt: number;
}

/** The record both servers end with. Commutative, associative and idempotent, so the order of messages never matters. */
export function mergeRecords(a: ImageRecord, b: ImageRecord): ImageRecord {
  return b.version > a.version ? b : a;
}
