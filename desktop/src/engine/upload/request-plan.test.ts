import type { FailureCode } from '#bridge/engine-words.ts';
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import type { SentItem } from '#engine/queue/upload-ports.ts';
import { sentItem } from '#engine/testing/sent-items.ts';
import { nextRequest, REQUEST_LIMITS, ServerLimits, type RequestLimits } from './request-plan.ts';

const LIMITS: RequestLimits = { maxFiles: 4, maxBytes: 1000, aloneFromBytes: 500 };

const ofSizes = (sizes: readonly number[]): SentItem[] =>
  sizes.map((sizeBytes, index) => sentItem({ key: index + 1, sizeBytes }));

/** The sizes of all requests that a queue of such items comes to. */
function planned(due: readonly SentItem[], limits = LIMITS): number[][] {
  const left = [...due];
  const requests: number[][] = [];
  while (left.length > 0) {
    const request = nextRequest(left, limits);
    requests.push(request.map(({ sizeBytes }) => sizeBytes));
    for (const item of request) left.splice(left.indexOf(item), 1);
  }
  return requests;
}

describe('which files go in one request', () => {
  it('are as many small ones as its count and its bytes allow', () => {
    expect(planned(ofSizes([1, 2, 3, 4, 5, 6]))).toEqual([
      [1, 2, 3, 4],
      [5, 6],
    ]);
    expect(planned(ofSizes([400, 400, 300, 200, 499, 1]))).toEqual([
      [400, 400],
      [300, 200, 499, 1],
    ]);
    expect(nextRequest([], LIMITS)).toEqual([]);
  });

  it('is a large one alone, without tearing the small ones around it apart', () => {
    expect(planned(ofSizes([1, 500, 2, 9000, 3, 4, 5]))).toEqual([[1, 2, 3, 4], [500], [9000], [5]]);
    expect(planned(ofSizes([700, 1, 2]))).toEqual([[700], [1, 2]]);
  });

  it.each([
    ['a failure that one file may cause', 1, 'INTERNAL', true],
    ['an answer of a proxy', 1, 'PEER_ANSWER_INVALID', true],
    ['a server that was away', 2, 'PEER_UNREACHABLE', false],
    ['losses again and again', 4, 'PEER_UNREACHABLE', true],
    ['a server that is busy again and again', 9, 'RATE_LIMITED', false],
    ['a retry by the operator, who begins anew', 0, 'INTERNAL', false],
  ] satisfies readonly (readonly [string, number, FailureCode, boolean])[])(
    'after %s: alone or not',
    (_, attempts, code, isAlone) => {
      const tried = sentItem({ sizeBytes: 1, attempts, failure: { code, message: '' } });
      expect(nextRequest([tried, ...ofSizes([2])], LIMITS)).toHaveLength(isAlone ? 1 : 2);
      expect(nextRequest([...ofSizes([2]), tried], LIMITS)).toHaveLength(isAlone ? 1 : 2);
    },
  );

  it('whatever there is: each file once, within the limits, each kind in its order', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 700 }), { maxLength: 60 }), (sizes) => {
        const requests = planned(ofSizes(sizes));
        const large = (size: number): boolean => size >= LIMITS.aloneFromBytes;
        expect(requests.flat().filter(large)).toEqual(sizes.filter(large));
        expect(requests.flat().filter((size) => !large(size))).toEqual(sizes.filter((size) => !large(size)));
        for (const request of requests) {
          expect(request.length).toBeGreaterThan(0);
          expect(request.length).toBeLessThanOrEqual(LIMITS.maxFiles);
          expect(request.some(large) && request.length > 1).toBe(false);
          if (!request.some(large)) {
            expect(request.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(LIMITS.maxBytes);
          }
        }
      }),
    );
  });
});

describe('what a server takes in one request', () => {
  it('is learnt from its refusals, and only of that server', () => {
    const limits = new ServerLimits();
    limits.learn('http://a', 32);
    limits.learn('http://a', 50);
    expect(limits.of('http://a')).toEqual({ ...REQUEST_LIMITS, maxFiles: 32 });
    expect(limits.of('http://b')).toEqual(REQUEST_LIMITS);
    limits.learn('http://a', 0);
    expect(limits.of('http://a').maxFiles).toBe(1);
  });
});
