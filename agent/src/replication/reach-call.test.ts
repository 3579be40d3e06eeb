import type { ServerAddress } from '@imagefleet/shared/common/address/server-address.ts';
import { describe, expect, it } from 'vitest';
import { BatchDecoder } from './batch-decoder.ts';
import { askReach, reachCalls } from './reach-call.ts';
import { chunksOf } from '#store/testing/image-store-contract.ts';

const ADDRESS: ServerAddress = { host: '10.0.0.2', port: 7401 };
const never = new AbortController().signal;

/** Answers a question as the endpoint does, of a server that reaches everything. */
async function call(question: unknown): Promise<unknown> {
  const calls = reachCalls((addresses) => Promise.resolve(addresses.map(() => 'reached' as const)));
  const decoder = new BatchDecoder(chunksOf(Buffer.of()));
  return calls.get('/peer/v1/reach')?.(decoder, Buffer.from(JSON.stringify(question)), 's1');
}

describe('the question whether a server is reached', () => {
  it('has one answer for each address, and carries nothing but addresses', async () => {
    const asked: unknown[] = [];
    const client = {
      question: (_: string, value: unknown): Promise<unknown> => {
        asked.push(value);
        return call(value);
      },
    };
    const target = { ...ADDRESS, name: 's2' };
    expect(await askReach(client, [target, ADDRESS], never)).toEqual(['reached', 'reached']);
    expect(asked).toEqual([{ addresses: [ADDRESS, ADDRESS] }]);
  });

  it.each([
    ['no address', { addresses: [] }],
    ['more addresses than are answered at once', { addresses: Array.from({ length: 257 }, () => ADDRESS) }],
    ['a port that is none', { addresses: [{ ...ADDRESS, port: 0 }] }],
    ['no host', { addresses: [{ ...ADDRESS, host: '' }] }],
    ['another form', [ADDRESS]],
  ])('is refused with %s', async (_, question) => {
    await expect(call(question)).rejects.toMatchObject({ code: 'BODY_MALFORMED' });
  });

  it.each([
    ['too few answers', { answers: ['reached'] }],
    ['words that are not known', { answers: ['reached', 'perhaps'] }],
    ['nothing', null],
  ])('is not answered by %s', async (_, answer) => {
    const client = { question: () => Promise.resolve(answer) };
    await expect(askReach(client, [ADDRESS, ADDRESS], never)).rejects.toMatchObject({ code: 'PEER_ANSWER_INVALID' });
  });
});
