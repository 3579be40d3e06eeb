import { open } from 'node:fs/promises';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { decodeStatusFile, type DecodedStatusFile } from '@imagefleet/shared/common/status-file/decode-status-file.ts';

/** Ten thousand servers are below a tenth of it; a wrong path such as /dev/zero must not fill the memory. */
const MAX_STATUS_FILE_BYTES = 16 * 1024 * 1024;

/** Reads a status file once. Throws STATUS_UNREADABLE, or STATUS_FILE_INVALID, with the path. */
export async function readStatusFile(file: string): Promise<DecodedStatusFile> {
  const text = await readText(file);
  try {
    return decodeStatusFile(text);
  } catch (error) {
    if (!(error instanceof FleetError)) throw error;
    throw new FleetError(error.code, `${file}: ${error.message}`, { cause: error });
  }
}

async function readText(file: string): Promise<string> {
  try {
    const handle = await open(file, 'r');
    try {
      const chunks: Buffer[] = [];
      let length = 0;
      for await (const chunk of handle.createReadStream({ end: MAX_STATUS_FILE_BYTES, autoClose: false })) {
        chunks.push(chunk as Buffer);
        length += (chunk as Buffer).length;
      }
      if (length > MAX_STATUS_FILE_BYTES)
        throw new FleetError('STATUS_FILE_INVALID', `${file} is too large to be one.`);
      return Buffer.concat(chunks).toString('utf8');
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof FleetError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new FleetError('STATUS_UNREADABLE', `${file}: ${why}`, { cause: error });
  }
}
