import { isErrorCode, type ErrorCode } from '@imagefleet/shared/common/errors/error-codes.ts';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { errorOfAnswer } from '@imagefleet/shared/common/operator/answer-error.ts';
import { receipt, type RefusedImage, type StoredImage } from '@imagefleet/shared/common/operator/operator-schemas.ts';
import type { UploadAnswer } from '@imagefleet/shared/node/upload-transport.ts';
import type { SentItem, SentOutcome } from '#engine/queue/upload-ports.ts';

const CONTENT_TOO_LARGE = 413;

/** What a server says of one file. All other codes are about the server or the way there: the next file fares alike. */
const ABOUT_ONE_FILE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'EMPTY_FILE',
  'FILE_TOO_LARGE',
  'NOT_AN_IMAGE',
  'SVG_REFUSED',
  'ID_INVALID',
  'ID_TAKEN',
  'PATH_INVALID',
  'PATH_TAKEN',
  'PATH_CASE_TAKEN',
  'PATH_BUSY',
  'DIGEST_MISMATCH',
]);

/** The outcome of each file from the answer to their request, in the order sent. */
export function readReceipt(items: readonly SentItem[], server: string, answer: UploadAnswer): readonly SentOutcome[] {
  const images = receipt.safeParse(answer.body).data?.images;
  if (images === undefined) return ofRefusedRequest(items, server, answer);
  if (images.length !== items.length) {
    const message = `${server} was sent ${String(items.length)} files and answered for ${String(images.length)}`;
    return items.map(({ key }) => lost(key, new FleetError('PEER_ANSWER_INVALID', message)));
  }
  return items.map((item, place) => {
    const image = images[place];
    if (image === undefined || 'error' in image) return ofRefusedFile(item, server, answer, image);
    return ofStored(item, server, image);
  });
}

function ofStored(item: SentItem, server: string, { path, link, sha256 }: StoredImage): SentOutcome {
  if (!path.startsWith(`${item.id}.`)) {
    return lost(item.key, new FleetError('PEER_ANSWER_INVALID', `${server} answered ${path} for the id ${item.id}`));
  }
  return { key: item.key, kind: 'stored', image: { path, link }, sha256, isAsQueued: sha256 === item.sha256 };
}

function ofRefusedFile(
  { key }: SentItem,
  server: string,
  { status, retryAfterMs }: UploadAnswer,
  refused: RefusedImage | undefined,
): SentOutcome {
  const error = errorOfAnswer(status, refused?.error, server);
  return ABOUT_ONE_FILE.has(error.code) ? refusedOutcome(key, error) : lost(key, error, retryAfterMs);
}

/** The request has one error, in our form or in that of a proxy. A lone file's refusal has this form as well. */
function ofRefusedRequest(items: readonly SentItem[], server: string, answer: UploadAnswer): readonly SentOutcome[] {
  const { status, body, retryAfterMs } = answer;
  const isLone = items.length === 1;
  if (status === CONTENT_TOO_LARGE && !isLone) {
    const maxFiles = Math.floor(items.length / 2);
    return items.map(({ key }) => ({ key, kind: 'unsent', maxFiles }));
  }
  const error = errorOfAnswer(status, body, server);
  if (isLone && status === CONTENT_TOO_LARGE && !hasOurCode(body)) {
    const message = `something between here and ${server} takes no file of this size`;
    return items.map(({ key }) => refusedOutcome(key, new FleetError('FILE_TOO_LARGE', message)));
  }
  return items.map(({ key }) =>
    isLone && ABOUT_ONE_FILE.has(error.code) ? refusedOutcome(key, error) : lost(key, error, retryAfterMs),
  );
}

function hasOurCode(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'code' in body && isErrorCode(body.code);
}

function refusedOutcome(key: number, { code, message }: FleetError): SentOutcome {
  return { key, kind: 'refused', code, message };
}

function lost(key: number, error: FleetError, retryAfterMs?: number): SentOutcome {
  return { key, kind: 'lost', error, retryAfterMs };
}
