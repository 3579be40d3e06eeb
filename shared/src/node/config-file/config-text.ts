import { open } from 'node:fs/promises';
import { FleetError } from '#common/errors/fleet-error.ts';

/** No configuration written by people is larger; a wrong path such as /dev/zero must not fill the memory. */
const MAX_CONFIG_BYTES = 4 * 1024 * 1024;

/** Reads a configuration file whole. Throws CFG_UNREADABLE with what the system said. */
export async function readConfigBytes(file: string): Promise<Uint8Array> {
  try {
    const handle = await open(file, 'r');
    try {
      const buffer = Buffer.alloc(MAX_CONFIG_BYTES + 1);
      let length = 0;
      while (length < buffer.length) {
        const { bytesRead } = await handle.read(buffer, length, buffer.length - length);
        if (bytesRead === 0) break;
        length += bytesRead;
      }
      if (length > MAX_CONFIG_BYTES) throw new FleetError('CFG_UNREADABLE', `${file} is too large for a configuration`);
      return buffer.subarray(0, length);
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof FleetError) throw error;
    throw new FleetError('CFG_UNREADABLE', `Cannot read ${file}: ${reasonOf(error)}.`, { cause: error });
  }
}

/** Whether the failure to read was that there is no such file. */
export function isMissingFile(error: unknown): boolean {
  const cause = error instanceof FleetError ? error.cause : error;
  return cause instanceof Error && 'code' in cause && (cause.code === 'ENOENT' || cause.code === 'ENOTDIR');
}

/**
 * The text of a file: by its byte order mark, else as UTF-16 where every other byte of the start is zero, else in
 * `declared` (a label such as `gb2312`), else UTF-8. Line ends become \n. Undefined when the bytes are not of that
 * encoding or the encoding is not known.
 */
export function decodeText(bytes: Uint8Array, declared?: string): string | undefined {
  try {
    const decoder = new TextDecoder(encodingOf(bytes) ?? declared ?? 'utf-8', { fatal: true });
    return decoder.decode(bytes).replace(/\r\n?/g, '\n');
  } catch (error) {
    // RangeError: no such encoding. TypeError: bytes that are not in it.
    if (error instanceof RangeError || error instanceof TypeError) return undefined;
    throw error;
  }
}

function encodingOf([first, second, third]: Uint8Array): string | undefined {
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8';
  if ((first === 0xff && second === 0xfe) || (first !== 0 && second === 0)) return 'utf-16le';
  if ((first === 0xfe && second === 0xff) || (first === 0 && second !== undefined && second !== 0)) return 'utf-16be';
  return undefined;
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'there is no such file';
    case 'EACCES':
    case 'EPERM':
      return 'this user may not read it';
    case 'EISDIR':
      return 'it is a folder';
    default:
      return error instanceof Error ? error.message : String(error);
  }
}
