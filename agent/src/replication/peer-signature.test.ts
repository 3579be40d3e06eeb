import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  assertAcceptable,
  isAnswerSigned,
  MAX_SKEW_MS,
  peerKeyOf,
  signAnswer,
  signatureOf,
  signRequest,
  verifyRequest,
  type PeerRequest,
} from './peer-signature.ts';

const KEY = peerKeyOf({ securityKey: 'the key of s2' });
const REQUEST: PeerRequest = {
  ...{ method: 'POST', path: '/peer/v1/batch', sentAt: 1_700_000_000_000, sender: { id: 'abc', name: 's1' } },
  manifestLine: Buffer.from('{"entries":[]}'),
};

function received(request: PeerRequest = REQUEST, headers = signRequest(KEY, request).headers) {
  return { method: request.method, path: request.path, manifestLine: request.manifestLine, headers };
}

describe('a signed request', () => {
  it('is verified whatever its sender and line are, and keeps what was signed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.uint8Array(), fc.nat(), (name, manifestLine, sentAt) => {
        const request = { ...REQUEST, manifestLine, sentAt, sender: { id: 'abc', name: name.toWellFormed() } };
        expect(verifyRequest(KEY, received(request))).toMatchObject(request);
      }),
    );
  });

  it('is refused with PEER_KEY_WRONG when anything of it was changed', () => {
    const { headers } = signRequest(KEY, REQUEST);
    const line = Buffer.from('{"entries":[1]}');
    const forged = [
      { ...received(), method: 'GET' },
      { ...received(), path: '/peer/v1/ask' },
      { ...received(), manifestLine: line },
      ...Object.keys(headers).flatMap((name) => [
        { ...received(), headers: { ...headers, [name]: `${headers[name] ?? ''}1` } },
        { ...received(), headers: { ...headers, [name]: '%' } },
        { ...received(), headers: Object.fromEntries(Object.entries(headers).filter(([other]) => other !== name)) },
      ]),
    ];
    for (const one of forged) {
      expect(() => verifyRequest(KEY, one)).toThrow(expect.objectContaining({ code: 'PEER_KEY_WRONG' }));
    }
  });

  it('is refused with PEER_KEY_WRONG when it was signed with another key', () => {
    const { headers } = signRequest(peerKeyOf({ securityKey: 'another key' }), REQUEST);
    expect(() => verifyRequest(KEY, received(REQUEST, headers))).toThrow('not signed with the key');
  });

  it('is refused with CLOCK_SKEW and the measured skew beyond five minutes, ahead or behind', () => {
    const verified = verifyRequest(KEY, received());
    const at = (nowMs: number) => () => assertAcceptable(verified, { id: 'own', name: 's9', nowMs });
    expect(at(REQUEST.sentAt + MAX_SKEW_MS)).not.toThrow();
    expect(at(REQUEST.sentAt - MAX_SKEW_MS)).not.toThrow();
    expect(at(REQUEST.sentAt + MAX_SKEW_MS + 1)).toThrow('the clock of s1 is 5 minutes behind');
    expect(at(REQUEST.sentAt - 3 * 3_600_000)).toThrow('3 hours ahead of');
    expect(at(REQUEST.sentAt - 72 * 3_600_000)).toThrow(expect.objectContaining({ code: 'CLOCK_SKEW' }));
  });

  it('is refused with PEER_SELF when the server sent it to itself', () => {
    const verified = verifyRequest(KEY, received());
    expect(() => assertAcceptable(verified, { id: 'abc', name: 's1', nowMs: REQUEST.sentAt })).toThrow(
      expect.objectContaining({ code: 'PEER_SELF' }),
    );
  });

  it('is refused with PEER_DUPLICATE when another server has the same id', () => {
    const verified = verifyRequest(KEY, received());
    expect(() => assertAcceptable(verified, { id: 'abc', name: 's2', nowMs: REQUEST.sentAt })).toThrow(
      expect.objectContaining({ code: 'PEER_DUPLICATE', message: 's1 has the id of s2' }),
    );
  });

  it('never carries the key', () => {
    const { headers } = signRequest(KEY, REQUEST);
    expect(JSON.stringify(headers)).not.toContain('the key of s2');
    expect(JSON.stringify(headers)).not.toContain(KEY.toString('hex'));
  });
});

describe('a signed answer', () => {
  const answer = { status: 200, requestSignature: 'f'.repeat(64), body: Buffer.from('{}') };
  const signature = signatureOf(signAnswer(KEY, answer));

  it('is believed as it is, and not when status, body, request or key is another', () => {
    expect(isAnswerSigned(KEY, answer, signature)).toBe(true);
    expect(isAnswerSigned(KEY, { ...answer, status: 500 }, signature)).toBe(false);
    expect(isAnswerSigned(KEY, { ...answer, body: Buffer.from('{} ') }, signature)).toBe(false);
    expect(isAnswerSigned(KEY, { ...answer, requestSignature: 'e'.repeat(64) }, signature)).toBe(false);
    expect(isAnswerSigned(peerKeyOf({ securityKey: 'x' }), answer, signature)).toBe(false);
    for (const no of [undefined, '', 'zz', ['a'], 'a'.repeat(63)]) expect(isAnswerSigned(KEY, answer, no)).toBe(false);
  });
});
