import type { PeerClient, SignedStream } from '../peer-client.ts';
import { FETCH_PATH } from './repair-messages.ts';

/** An image in exactly one version. */
export interface WantedCopy {
  readonly path: string;
  readonly version: string;
}

/** A peer that gives copies of images. Failures are the peer client's. */
export interface CopyGiver {
  readonly name: string;
  /** The bytes of images in exactly these versions, as a batch: a signed manifest, then the bodies. The caller closes it. */
  fetch(items: readonly WantedCopy[], signal: AbortSignal): Promise<SignedStream>;
}

/** What `CopyGiver.fetch` does over a client; whatever else the items hold stays here. */
export function fetchCopies(
  client: Pick<PeerClient, 'stream'>,
  items: readonly WantedCopy[],
  signal: AbortSignal,
): Promise<SignedStream> {
  return client.stream(FETCH_PATH, { items: items.map(({ path, version }) => ({ path, version })) }, signal);
}
