import type { DecodedStatusFile } from '@imagefleet/shared/common/status-file/decode-status-file.ts';
import { lookAtStatusFile } from '@imagefleet/shared/node/status-file/read-status-file.ts';

/** Reads a status file once. Throws STATUS_UNREADABLE, or STATUS_FILE_INVALID, with the path. */
export async function readStatusFile(file: string): Promise<DecodedStatusFile> {
  const look = await lookAtStatusFile(file, null);
  if (look.kind === 'read') return look.content;
  // Without a mark of an earlier look nothing is the same.
  throw look.kind === 'failed' ? look.error : new Error(`${file} was read and not read`);
}
