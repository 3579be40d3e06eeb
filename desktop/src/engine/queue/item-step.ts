import type { FailureCode, FileFailureCode, ItemState } from '#bridge/engine-words.ts';
import {
  RENEWING_CODES,
  type FileStamp,
  type ItemChange,
  type ItemFailure,
  type ItemImage,
  type QueueItem,
} from './queue-item.ts';

interface Failure {
  readonly code: FailureCode;
  readonly message: string;
}

export type ItemEvent =
  | { readonly kind: 'hashStarted' }
  | { readonly kind: 'hashed'; readonly sha256: string; readonly stamp: FileStamp }
  | { readonly kind: 'present'; readonly image: ItemImage }
  /** `id` is taken when the item has none yet. */
  | { readonly kind: 'sendStarted'; readonly id: string }
  /** `sha256` of the bytes that the server has. */
  | { readonly kind: 'stored'; readonly image: ItemImage; readonly sha256: string }
  | ({ readonly kind: 'refused' } & Failure)
  | ({ readonly kind: 'lost'; readonly retryAt: number } & Failure)
  /** Nothing of it went wrong, and nothing of it is stored: another file spoiled the request. */
  | { readonly kind: 'unsent' }
  /** `image` is null when the fleet does not have the id. */
  | { readonly kind: 'doubtSettled'; readonly image: ItemImage | null }
  | { readonly kind: 'pausedByHand' | 'resumed' | 'cancelled' | 'retried' | 'forced' | 'reopened' }
  | { readonly kind: 'fileFailed'; readonly code: FileFailureCode; readonly message: string };

type Change = Omit<ItemChange, 'key'>;
type EventOf<K extends ItemEvent['kind']> = Extract<ItemEvent, { readonly kind: K }>;

const RENEWING: ReadonlySet<string> = new Set(RENEWING_CODES);

/**
 * The life of one file in the queue. Undefined: the event says nothing about an item in this state, such as the outcome of a
 * request that was taken back meanwhile.
 *
 * | state                              | event        → next      | note                                                     |
 * | ---------------------------------- | ------------------------ | -------------------------------------------------------- |
 * | queued                             | hashStarted  → hashing   | also again, when its stamp is another one                |
 * | hashing                            | hashed       → queued    | other bytes than before take the id away                 |
 * | queued with a hash                 | present      → present   | not of a file that is forced; done when it is its own id |
 * | queued with a hash                 | sendStarted  → uploading | attempts + 1; chooses the id when there is none          |
 * | uploading, inDoubt                 | stored       → done      | failed with FILE_CHANGED when the server got other bytes |
 * | paused, cancelled, once sent       | stored       → done      | it was too late to take it back                          |
 * | uploading                          | refused      → failed    |                                                          |
 * | uploading                          | lost         → queued    | waits for its next try, which names the same id          |
 * | uploading                          | unsent       → queued    | attempts - 1: it was no try of this file                 |
 * | inDoubt                            | lost         → inDoubt   | asked again then                                         |
 * | inDoubt                            | doubtSettled → done      | queued when the fleet does not have it; the id stays     |
 * | queued, hashing, uploading, inDoubt | fileFailed   → failed    | waits for somebody                                       |
 * | queued, hashing, uploading, inDoubt | pausedByHand → paused    |                                                          |
 * | paused                             | resumed      → queued    | once sent, the same id again stores nothing twice        |
 * | all but done, present, cancelled   | cancelled    → cancelled |                                                          |
 * | failed, cancelled                  | retried      → queued    | after RENEWING_CODES without hash and id; attempts 0     |
 * | queued, inDoubt, that wait         | retried      → same      | waits no longer                                          |
 * | present                            | forced       → queued    | is sent although the fleet has these bytes               |
 * | queued, hashing, paused            | forced       → same      | likewise                                                 |
 * | hashing                            | reopened     → queued    | the process ended in the middle                          |
 * | uploading                          | reopened     → inDoubt   | it may have arrived                                      |
 */
export function stepItem(item: QueueItem, event: ItemEvent): ItemChange | undefined {
  const change = changeOf(item, event);
  return change === undefined ? undefined : { key: item.key, ...change };
}

function changeOf(item: QueueItem, event: ItemEvent): Change | undefined {
  const { state } = item;
  switch (event.kind) {
    case 'hashStarted':
      return state === 'queued' ? { state: 'hashing', retryAt: null, failure: null } : undefined;
    case 'hashed':
      return state === 'hashing' ? hashed(item, event) : undefined;
    case 'present':
      return present(item, event.image);
    case 'sendStarted':
      return state === 'queued' && item.sha256 !== null ? sent(item, event.id) : undefined;
    case 'stored':
      return stored(item, event);
    case 'refused':
      return state === 'uploading' ? failed(event) : undefined;
    case 'lost':
      return lost(item, event);
    case 'unsent':
      return state === 'uploading' ? { state: 'queued', attempts: Math.max(0, item.attempts - 1) } : undefined;
    case 'doubtSettled':
      if (state !== 'inDoubt') return undefined;
      return event.image === null ? { state: 'queued', retryAt: null } : settled('done', event.image);
    case 'fileFailed':
      return isOpen(state) ? failed(event) : undefined;
    case 'reopened':
      return reopened(state);
    default:
      return byHand(item, event.kind);
  }
}

function byHand(
  item: QueueItem,
  kind: 'pausedByHand' | 'resumed' | 'cancelled' | 'retried' | 'forced',
): Change | undefined {
  const { state } = item;
  switch (kind) {
    case 'pausedByHand':
      return isOpen(state) ? { state: 'paused', retryAt: null } : undefined;
    case 'resumed':
      return state === 'paused' ? { state: 'queued' } : undefined;
    case 'cancelled':
      return isOpen(state) || state === 'paused' || state === 'failed'
        ? { state: 'cancelled', retryAt: null }
        : undefined;
    case 'retried':
      return retried(item);
    case 'forced':
      if (state === 'present') return { state: 'queued', isForced: true, image: null };
      return (state === 'queued' || state === 'hashing' || state === 'paused') && !item.isForced
        ? { isForced: true }
        : undefined;
  }
}

function hashed({ sha256: before }: QueueItem, { sha256, stamp }: EventOf<'hashed'>): Change {
  const { sizeBytes, mtimeMs, inode } = stamp;
  const isOther = before !== null && before !== sha256;
  // An id names one content for ever: under the old one a server may have the old bytes.
  return { state: 'queued', sha256, sizeBytes, mtimeMs, inode, ...(isOther ? { id: null } : {}) };
}

/** What is there under its own id was brought there by an earlier try, whose answer was lost. */
function present({ state, sha256, id, isForced }: QueueItem, image: ItemImage): Change | undefined {
  if (state !== 'queued' || sha256 === null) return undefined;
  if (id !== null && image.path.startsWith(`${id}.`)) return settled('done', image);
  return isForced ? undefined : settled('present', image);
}

function sent({ id: chosen, attempts }: QueueItem, id: string): Change {
  return { state: 'uploading', id: chosen ?? id, attempts: attempts + 1, retryAt: null, failure: null };
}

function stored(item: QueueItem, { image, sha256 }: EventOf<'stored'>): Change | undefined {
  const { state } = item;
  const wasTakenBack = (state === 'paused' || state === 'cancelled') && item.id !== null;
  if (state !== 'uploading' && state !== 'inDoubt' && !wasTakenBack) return undefined;
  if (sha256 === item.sha256) return settled('done', image);
  // Perhaps half of the old bytes and half of the new ones: nobody should publish that link unseen.
  const message = `the file was changed while it was sent; what the fleet got lies at ${image.path}`;
  return failed({ code: 'FILE_CHANGED', message });
}

function lost({ state }: QueueItem, { retryAt, code, message }: EventOf<'lost'>): Change | undefined {
  if (state !== 'uploading' && state !== 'inDoubt') return undefined;
  return { state: state === 'uploading' ? 'queued' : 'inDoubt', retryAt, failure: { code, message } };
}

function retried({ state, retryAt, failure }: QueueItem): Change | undefined {
  if (state === 'queued' || state === 'inDoubt') return retryAt === null ? undefined : { retryAt: null };
  if (state !== 'failed' && state !== 'cancelled') return undefined;
  return { state: 'queued', attempts: 0, ...(isRenewing(failure) ? { sha256: null, id: null } : {}) };
}

function reopened(state: ItemState): Change | undefined {
  if (state === 'uploading') return { state: 'inDoubt' };
  return state === 'hashing' ? { state: 'queued' } : undefined;
}

function settled(state: 'done' | 'present', image: ItemImage): Change {
  return { state, image, retryAt: null, failure: null };
}

function failed({ code, message }: Failure): Change {
  return { state: 'failed', retryAt: null, failure: { code, message } };
}

function isOpen(state: ItemState): boolean {
  return state === 'queued' || state === 'hashing' || state === 'uploading' || state === 'inDoubt';
}

function isRenewing(failure: ItemFailure | null): boolean {
  return failure !== null && RENEWING.has(failure.code);
}
