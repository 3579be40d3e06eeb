import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';

/** Read at once: large enough to be quick, small enough that a file of any size costs no memory. */
const SLICE_BYTES = 1024 * 1024;

/** SHA-256 in hex; crypto.subtle knows no streams, and is missing where the console came over plain HTTP. */
export async function hashBlob(blob: Blob): Promise<string> {
  const hash = sha256.create();
  for (let at = 0; at < blob.size; at += SLICE_BYTES) {
    hash.update(new Uint8Array(await blob.slice(at, at + SLICE_BYTES).arrayBuffer()));
  }
  return bytesToHex(hash.digest());
}
