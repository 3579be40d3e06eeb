import { execFileSync } from 'node:child_process';
import { chmodSync, lstatSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tempFolder } from '#engine/testing/temp-folder.ts';
import { writeExport } from './export-file.ts';

const INVALID = { code: 'INPUT_INVALID' };

function modeOf(file: string): number {
  return statSync(file).mode & 0o777;
}

describe('a file that is written', () => {
  it('is for its owner only where that is asked, when it is new', async () => {
    const file = join(tempFolder(), 'a.json');
    await writeExport(file, [['text']], { mode: 0o600 });
    expect([readFileSync(file, 'utf8'), modeOf(file)]).toEqual(['text', 0o600]);
  });

  it('keeps the mode of the one that was there', async () => {
    const file = join(tempFolder(), 'a.csv');
    for (const mode of [0o600, 0o640]) {
      writeFileSync(file, 'old');
      chmodSync(file, mode);
      await writeExport(file, [['new']]);
      expect([readFileSync(file, 'utf8'), modeOf(file)]).toEqual(['new', mode]);
    }
  });

  it('is the one that a link leads to, and the link stays', async () => {
    const folder = tempFolder();
    const [link, file] = [join(folder, 'link.csv'), join(tempFolder(), 'file.csv')];
    writeFileSync(file, 'old');
    symlinkSync(file, link);
    await writeExport(link, [['new']]);
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect([readFileSync(file, 'utf8'), readdirSync(folder)]).toEqual(['new', ['link.csv']]);
  });
});

describe('what is there and is no file stays as it is:', () => {
  it('a link to nothing', async () => {
    const link = join(tempFolder(), 'link.csv');
    symlinkSync(`${link}-gone`, link);
    await expect(writeExport(link, [['new']])).rejects.toMatchObject(INVALID);
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
  });

  it('a folder', async () => {
    const folder = tempFolder();
    await expect(writeExport(folder, [['new']])).rejects.toMatchObject(INVALID);
    expect(readdirSync(folder)).toEqual([]);
  });

  it.skipIf(process.platform === 'win32')('a socket, and a link to it', async () => {
    const folder = tempFolder();
    const [socket, link] = [join(folder, 's'), join(folder, 'l')];
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    symlinkSync(socket, link);
    for (const file of [socket, link]) await expect(writeExport(file, [['new']])).rejects.toMatchObject(INVALID);
    expect([lstatSync(socket).isSocket(), lstatSync(link).isSymbolicLink()]).toEqual([true, true]);
    await new Promise((resolve) => server.close(resolve));
  });

  it.skipIf(process.platform !== 'linux')('a link to an output that is a pipe', async () => {
    const folder = tempFolder();
    const link = join(folder, 'out');
    symlinkSync('/proc/self/fd/1', link);
    const module = new URL('./export-file.ts', import.meta.url).href;
    const script = `
      const { writeExport } = await import(${JSON.stringify(module)});
      await writeExport(${JSON.stringify(link)}, [['new']]).catch(({ code }) => console.log(code));
    `;
    const told = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
    expect(told.trim()).toBe('INPUT_INVALID');
    expect([lstatSync(link).isSymbolicLink(), readdirSync(folder)]).toEqual([true, ['out']]);
  });
});
