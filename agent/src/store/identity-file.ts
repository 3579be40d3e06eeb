import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { writeFileAtomically } from '@imagefleet/shared/node/atomic-file.ts';
import { diskError, errnoOf } from './disk/disk-error.ts';

/** Says whose images these are. It begins with a dot and is no image, so no path of an image can lead to it. */
export const IDENTITY_FILE = '.imagefleet-id';

const schema = z.object({ version: z.literal(1), serverId: z.string().min(1).max(100), generation: z.int().min(0) });

/** Whose images a folder holds. */
export interface FolderIdentity {
  readonly serverId: string;
  /** Grows with that of the catalog, so that of two that belong together the older one is known. */
  readonly generation: number;
}

/** Undefined when the folder has none. Throws IDENTITY_FOREIGN for what is not ours, IO_FAILED. */
export async function readIdentityFile(imagesDir: string): Promise<FolderIdentity | undefined> {
  const file = join(imagesDir, IDENTITY_FILE);
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    const errno = errnoOf(error);
    if (errno === 'ENOENT' || errno === 'ENOTDIR') return undefined;
    throw diskError(error, `read ${file}`);
  });
  if (text === undefined) return undefined;
  const parsed = schema.safeParse(parseJson(text));
  if (parsed.success) return { serverId: parsed.data.serverId, generation: parsed.data.generation };
  throw new FleetError('IDENTITY_FOREIGN', `${file} does not say which server it belongs to`, { cause: parsed.error });
}

/** Makes the folder, too, when it is gone. Returns when both survive a power cut. */
export async function writeIdentityFile(imagesDir: string, { serverId, generation }: FolderIdentity): Promise<void> {
  const file = join(imagesDir, IDENTITY_FILE);
  try {
    await mkdir(imagesDir, { recursive: true });
    await writeFileAtomically(file, `${JSON.stringify({ version: 1, serverId, generation })}\n`);
  } catch (error) {
    throw diskError(error, `write ${file}`);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The schema refuses it, with the name of the file.
    return undefined;
  }
}
