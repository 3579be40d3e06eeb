import { withinLimit } from '../../within-limit.ts';
import {
  LOOK_LIMIT_MS,
  lookAt,
  mergeLooks,
  NOTHING_FOUND,
  type HeldStatus,
  type StatusFileSetting,
} from '../held-status.ts';
import { localStatusDisk } from '../local-status-disk.ts';
import type { StatusDisk } from '../status-disk.ts';

/** What files hold, read as a start reads them. */
export async function readHeld(
  files: readonly StatusFileSetting[],
  disk: StatusDisk = localStatusDisk,
): Promise<HeldStatus> {
  const looks = files.map((file) => withinLimit(lookAt(file, disk), LOOK_LIMIT_MS, () => NOTHING_FOUND));
  return mergeLooks(await Promise.all(looks));
}
