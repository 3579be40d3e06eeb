import { randomUUID } from 'node:crypto';
import { open, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { renameWhenFree } from './rename-when-free.ts';

export interface AtomicWriteOptions {
  /** Octal, default 0o644; holds from the first byte on. */
  readonly mode?: number;
  /** The new file gets mode and owner of the one it replaces: who may read it must not change with what it says. */
  readonly keepsAccess?: boolean;
  /**
   * Default true. False spares both syncs: at every instant a reader sees the old or the new content whole, but a power
   * cut may leave an empty file. For what is worth nothing after a power cut.
   */
  readonly isDurable?: boolean;
}

/**
 * Writes a file so that at every instant, also after a power cut, either the old or the new content is there whole. A
 * content that comes in pieces may fail in the middle, which leaves the old one.
 */
export async function writeFileAtomically(
  file: string,
  content: string | Uint8Array | AsyncIterable<string | Uint8Array>,
  { mode = 0o644, keepsAccess = false, isDurable = true }: AtomicWriteOptions = {},
): Promise<void> {
  const temporary = `${file}.${randomUUID().slice(0, 8)}.tmp`;
  try {
    const handle = await open(temporary, 'wx', mode);
    try {
      if (keepsAccess) await takeAccessOf(file, handle);
      await handle.writeFile(content);
      if (isDurable) await handle.sync();
    } finally {
      await handle.close();
    }
    await renameWhenFree(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  if (isDurable) await syncDirectory(dirname(file));
}

/** Whether a file of this name was left by a write of `fileName` that was killed, or is one at this moment. */
export function isTemporaryOf(fileName: string, name: string): boolean {
  return name.startsWith(`${fileName}.`) && /^[0-9a-f]{8}\.tmp$/.test(name.slice(fileName.length + 1));
}

/** Owner first: a change of owner takes bits off the mode. Only root may give files away; others keep their own. */
async function takeAccessOf(file: string, handle: FileHandle): Promise<void> {
  if (process.platform === 'win32') return;
  const old = await stat(file).catch(() => undefined);
  if (old === undefined) return;
  await handle.chown(old.uid, old.gid).catch(() => undefined);
  await handle.chmod(old.mode & 0o7777);
}

/** Makes names in a directory survive a power cut. Windows has no such call and needs none. */
export async function syncDirectory(directory: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
