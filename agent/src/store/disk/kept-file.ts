import { readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { syncDirectory, writeFileAtomically } from '@imagefleet/shared/node/atomic-file.ts';
import { errnoOf } from './disk-error.ts';

/** The text of a small file that the program keeps beside its data; undefined when there is none. Throws IO_FAILED. */
export async function readKept(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT') return undefined;
    throw new FleetError('IO_FAILED', `Cannot read ${file}.`, { cause });
  }
}

/** Writes it as JSON that people can read; resolves when it would survive a power cut. Throws IO_FAILED. */
export async function writeKept(
  file: string,
  content: object,
  options: { readonly mode?: number } = {},
): Promise<void> {
  try {
    await writeFileAtomically(file, `${JSON.stringify(content, null, 2)}\n`, options);
  } catch (cause) {
    throw new FleetError('IO_FAILED', `Cannot write ${file}.`, { cause });
  }
}

/** Takes it away, which a full disk allows; resolves when it would stay away after a power cut. Throws IO_FAILED. */
export async function removeKept(file: string): Promise<void> {
  try {
    await rm(file, { force: true });
    await syncDirectory(dirname(file));
  } catch (cause) {
    throw new FleetError('IO_FAILED', `Cannot remove ${file}.`, { cause });
  }
}

/** Puts what cannot be read under another name, before it is written anew: a person can still read there what was in it. */
export function setAside(file: string): Promise<void> {
  return rename(file, `${file}.damaged`);
}
