import type { FailureCode } from '#bridge/engine-words.ts';
import type { QueueItem } from '#engine/queue/queue-item.ts';
import { mayBeOneFile } from './may-be-one-file.ts';

export interface RequestLimits {
  readonly maxFiles: number;
  readonly maxBytes: number;
  /** From this size on a file has a request for itself. */
  readonly aloneFromBytes: number;
}

/**
 * Small files pay for a request, a commit and a round trip each; together they share them. Much larger requests would gain
 * little more, and lose more when one of their files spoils them.
 */
export const REQUEST_LIMITS: RequestLimits = {
  maxFiles: 64,
  maxBytes: 8 * 1024 * 1024,
  aloneFromBytes: 2 * 1024 * 1024,
};

/** As often a file may be lost with others before it has to go alone, whatever the reason was, but that servers are busy. */
const LOST_TOGETHER = 4;
const BUSY: ReadonlySet<FailureCode> = new Set<FailureCode>(['RATE_LIMITED', 'PEER_BUSY', 'SHUTTING_DOWN']);

type Planned = Pick<QueueItem, 'sizeBytes' | 'attempts' | 'failure'>;

/**
 * The items of the next request, out of those that are due: the first of them, and those after it that fit in with it. Files
 * that go alone are passed over and come first in one of the next requests, so each kind keeps its order, and one large
 * file between small ones does not tear them apart.
 */
export function nextRequest<Item extends Planned>(due: readonly Item[], limits: RequestLimits): readonly Item[] {
  const [first] = due;
  if (first === undefined) return [];
  if (goesAlone(first, limits)) return [first];
  const request: Item[] = [];
  let bytes = 0;
  for (const item of due) {
    if (goesAlone(item, limits)) continue;
    bytes += item.sizeBytes;
    // What comes later and is smaller might fit still; order matters more than the last kilobytes.
    if (request.length > 0 && (bytes > limits.maxBytes || request.length >= limits.maxFiles)) break;
    request.push(item);
  }
  return request;
}

function goesAlone({ sizeBytes, attempts, failure }: Planned, { aloneFromBytes }: RequestLimits): boolean {
  if (sizeBytes >= aloneFromBytes) return true;
  if (failure === null || BUSY.has(failure.code)) return false;
  return attempts >= LOST_TOGETHER || (attempts > 0 && mayBeOneFile(failure.code));
}

/** What each server was found to take in one request. */
export class ServerLimits {
  readonly #maxFiles = new Map<string, number>();
  readonly #limits: RequestLimits;

  constructor(limits: RequestLimits = REQUEST_LIMITS) {
    this.#limits = limits;
  }

  of(server: string): RequestLimits {
    const maxFiles = this.#maxFiles.get(server) ?? this.#limits.maxFiles;
    return { ...this.#limits, maxFiles };
  }

  /** It refused a request for what it has in it (`maxFiles` of an `unsent` outcome). Kept: trying again would cost as much. */
  learn(server: string, maxFiles: number): void {
    this.#maxFiles.set(server, Math.max(1, Math.min(maxFiles, this.of(server).maxFiles)));
  }
}
