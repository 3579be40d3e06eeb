import { createHash } from 'node:crypto';
import { join, relative, resolve } from 'node:path';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';

const SOCKET_FILE = 'engine.sock';
/** Of sockaddr_un (unix(7)): 108 bytes with its end on Linux, 104 on macOS. */
const MAX_BYTES = 103;

/**
 * Where the engine of a data folder is spoken to: a socket in the folder, which only its owner can open; on Windows a pipe
 * with a name made of the folder's. Errors: CFG_INVALID for a folder whose path is too long for a socket.
 */
export function controlAddress(dataDir: string): string {
  const folder = resolve(dataDir);
  if (process.platform === 'win32') {
    const name = createHash('sha256').update(folder.toLowerCase()).digest('hex').slice(0, 16);
    return String.raw`\\.\pipe\imagefleet-engine-${name}`;
  }
  const file = join(folder, SOCKET_FILE);
  const [shortest = file] = [file, relative(process.cwd(), file)].sort((a, b) => a.length - b.length);
  if (Buffer.byteLength(shortest) > MAX_BYTES) {
    throw new FleetError('CFG_INVALID', `the path of the data folder is too long: ${folder}`, {
      hint: 'Choose a data folder with a shorter path.',
    });
  }
  return shortest;
}
