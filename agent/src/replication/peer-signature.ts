import { createHash, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';

/** Clocks further apart than this are refused: a recorded request would stay usable as long, and versions would drift. */
export const MAX_SKEW_MS = 5 * 60_000;
/** Signs requests to one server and its answers (RFC 5869, RFC 2104). The security key itself never travels. */
export type PeerKey = Buffer & { readonly __peerKey: unique symbol };

const DATE = 'x-imagefleet-date';
const SENDER = 'x-imagefleet-sender';
const SENDER_NAME = 'x-imagefleet-sender-name';
const SIGNATURE = 'x-imagefleet-signature';
const KEY_BYTES = 32;

export interface PeerRequest {
  readonly method: string;
  readonly path: string;
  /** Epoch milliseconds of the sender's clock. */
  readonly sentAt: number;
  readonly sender: { readonly id: string; readonly name: string };
  /** First line of the body without its end; it carries the hashes of everything that follows. */
  readonly manifestLine: Uint8Array;
}

export interface PeerAnswer {
  readonly status: number;
  readonly requestSignature: string;
  readonly body: Uint8Array;
}

/** What of a server's keys its peers know. */
export interface PeerSecrets {
  readonly securityKey?: string | undefined;
  /** Set: it is used in place of the other. */
  readonly peerKey?: string | undefined;
}

/** The key for calls to the server whose keys these are. Throws CFG_INVALID without any: an empty one would be known to all. */
export function peerKeyOf({ securityKey, peerKey = securityKey }: PeerSecrets): PeerKey {
  if (peerKey === undefined) throw new FleetError('CFG_INVALID', 'a server needs a key by which peers sign');
  return Buffer.from(hkdfSync('sha256', peerKey, '', 'imagefleet peer v1', KEY_BYTES)) as PeerKey;
}

/** The headers that sign a request; `signature` is needed again to check the answer. */
export function signRequest(
  key: PeerKey,
  request: PeerRequest,
): { readonly signature: string; readonly headers: Readonly<Record<string, string>> } {
  const signature = requestMac(key, request).toString('hex');
  const headers = {
    [DATE]: String(request.sentAt),
    [SENDER]: request.sender.id,
    [SENDER_NAME]: encodeURIComponent(request.sender.name),
    [SIGNATURE]: signature,
  };
  return { signature, headers };
}

/** A request whose signature is right. Its clock and sender are still to be judged (`assertAcceptable`). */
export interface VerifiedRequest extends PeerRequest {
  readonly signature: string;
}

/** Checks a request's signature. Throws PEER_KEY_WRONG, for which no signed answer is possible. */
export function verifyRequest(
  key: PeerKey,
  received: Pick<PeerRequest, 'method' | 'path' | 'manifestLine'> & { readonly headers: IncomingHttpHeaders },
): VerifiedRequest {
  const { method, path, manifestLine, headers } = received;
  const [date, id, encodedName, signature] = [DATE, SENDER, SENDER_NAME, SIGNATURE].map((name) => headers[name]);
  const request = {
    method,
    path,
    manifestLine,
    sentAt: typeof date === 'string' && /^\d{1,15}$/.test(date) ? Number(date) : NaN,
    sender: { id: typeof id === 'string' ? id : '', name: decodeName(encodedName) },
  };
  if (typeof signature !== 'string' || !isSame(signature, requestMac(key, request))) {
    throw new FleetError('PEER_KEY_WRONG', 'the request is not signed with the key of this server');
  }
  return { ...request, signature };
}

/**
 * Throws CLOCK_SKEW with the measured skew, PEER_SELF, or PEER_DUPLICATE for another server with our id. The caller signs
 * the refusal, so that it is believed.
 */
export function assertAcceptable(
  request: VerifiedRequest,
  own: { readonly id: string; readonly name: string; readonly nowMs: number },
): void {
  if (request.sender.id === own.id && request.sender.name !== own.name) {
    throw new FleetError('PEER_DUPLICATE', `${request.sender.name} has the id of ${own.name}`);
  }
  if (request.sender.id === own.id) throw new FleetError('PEER_SELF', 'the server sent this request to itself');
  const skewMs = request.sentAt - own.nowMs;
  if (!(Math.abs(skewMs) <= MAX_SKEW_MS)) {
    const direction = skewMs > 0 ? 'ahead of' : 'behind';
    throw new FleetError(
      'CLOCK_SKEW',
      `the clock of ${request.sender.name} is ${formatSkew(Math.abs(skewMs))} ${direction} this server's`,
    );
  }
}

/** Signs an answer. It names the request's signature, so that no answer fits another request. */
export function signAnswer(key: PeerKey, answer: PeerAnswer): Readonly<Record<string, string>> {
  return { [SIGNATURE]: answerMac(key, answer).toString('hex') };
}

export function isAnswerSigned(key: PeerKey, answer: PeerAnswer, signature: unknown): boolean {
  return typeof signature === 'string' && isSame(signature, answerMac(key, answer));
}

/** The signature among an answer's headers; undefined when it has none. */
export function signatureOf(headers: Readonly<Record<string, unknown>>): unknown {
  return headers[SIGNATURE];
}

function requestMac(key: PeerKey, { method, path, sentAt, sender, manifestLine }: PeerRequest): Buffer {
  // A name is encoded because a line break in it would let one field pass for two.
  const fields = ['request', method, path, sentAt, sender.id, encodeURIComponent(sender.name), sha256(manifestLine)];
  return createHmac('sha256', key).update(fields.join('\n')).digest();
}

function answerMac(key: PeerKey, { status, requestSignature, body }: PeerAnswer): Buffer {
  return createHmac('sha256', key)
    .update(['answer', status, requestSignature, sha256(body)].join('\n'))
    .digest();
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function isSame(hex: string, mac: Buffer): boolean {
  return /^[0-9a-f]{64}$/.test(hex) && timingSafeEqual(Buffer.from(hex, 'hex'), mac);
}

function decodeName(encoded: unknown): string {
  if (typeof encoded !== 'string') return '';
  try {
    return decodeURIComponent(encoded);
  } catch {
    // Not what signRequest writes, so the signature, which covers the name, cannot fit either.
    return '';
  }
}

/** Coarse, so that the cause of a parked delivery stays the same while the clocks stay apart. */
function formatSkew(skewMs: number): string {
  const minutes = Math.round(skewMs / 60_000);
  if (minutes < 120) return `${String(minutes)} minutes`;
  return minutes < 2880 ? `${String(Math.round(minutes / 60))} hours` : `${String(Math.round(minutes / 1440))} days`;
}
