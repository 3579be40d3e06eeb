import { readFileSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SmallFiles } from '../disk/small-files.ts';
import { allocateOwned } from '../owned-buffer.ts';
import { sha256Of } from './image-store-contract.ts';
import { tempFolder } from './temp-folder.ts';

/** Memory of `allocateOwned` with this text. */
export function ownedText(text: string): Buffer<ArrayBuffer> {
  const bytes = allocateOwned(Buffer.byteLength(text));
  bytes.write(text);
  return bytes;
}

/** What every SmallFiles must do. */
export function smallFilesContract(make: () => Promise<SmallFiles>): void {
  async function started() {
    return { files: await make(), folder: await tempFolder() };
  }

  describe('small files', () => {
    it('writes bytes, answers their hash, and takes the memory', async () => {
      const { files, folder } = await started();
      const bytes = ownedText('some bytes');
      expect(await files.write(join(folder, 'a'), bytes)).toBe(sha256Of(Buffer.from('some bytes')));
      expect(readFileSync(join(folder, 'a'), 'utf8')).toBe('some bytes');
      expect(bytes.length).toBe(0);
    });

    it('never overwrites, and leaves what has the name', async () => {
      const { files, folder } = await started();
      await writeFile(join(folder, 'a'), 'first');
      await expect(files.write(join(folder, 'a'), ownedText('second'))).rejects.toMatchObject({ code: 'IO_FAILED' });
      expect(readFileSync(join(folder, 'a'), 'utf8')).toBe('first');
    });

    it('does many at once', async () => {
      const { files, folder } = await started();
      const names = Array.from({ length: 100 }, (_, index) => String(index));
      await Promise.all(names.map((name) => files.write(join(folder, name), ownedText(`bytes of ${name}`))));
      const read = await Promise.all(names.map((name) => files.read(join(folder, name), `bytes of ${name}`.length)));
      expect(read.map(String)).toEqual(names.map((name) => `bytes of ${name}`));
    });

    it('renames, and answers why not as the code of the system', async () => {
      const { files, folder } = await started();
      await mkdir(join(folder, 'sub'));
      await writeFile(join(folder, 'a'), 'x');
      expect(await files.rename(join(folder, 'a'), join(folder, 'sub/b'))).toBeNull();
      expect(await readdir(folder, { recursive: true })).toEqual(['sub', 'sub/b']);
      expect(await files.rename(join(folder, 'a'), join(folder, 'sub/b'))).toBe('ENOENT');
      expect(await files.rename(join(folder, 'sub/b'), join(folder, 'sub'))).not.toBeNull();
    });

    it('reads a file only when it has the size that is expected', async () => {
      const { files, folder } = await started();
      await writeFile(join(folder, 'a'), 'four');
      expect(String(await files.read(join(folder, 'a'), 4))).toBe('four');
      expect(await files.read(join(folder, 'a'), 5)).toBe('otherSize');
      expect(await files.read(join(folder, 'a'), 3)).toBe('otherSize');
      expect(await files.read(join(folder, 'b'), 4)).toBe('missing');
      expect(await files.read(join(folder, 'a/b'), 4)).toBe('missing');
      expect(await files.read(folder, 4)).toBe('missing');
    });
  });
}
