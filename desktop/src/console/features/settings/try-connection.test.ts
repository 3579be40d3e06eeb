import { expect, it } from 'vitest';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { ErrorCode } from '@imagefleet/shared/common/errors/error-codes.ts';
import type { OperatorClient } from '@imagefleet/shared/common/operator/operator-api.ts';
import { aStatus } from '#console/testing/fake-queue.ts';
import { tryConnection } from './try-connection.ts';

interface Answers {
  readonly list?: ErrorCode | readonly string[];
  readonly lookup?: ErrorCode;
  readonly targets?: ReturnType<typeof aStatus>['targets'];
}

function attempt({ list = ['s1', 's2'], lookup, targets = [] }: Answers) {
  const refuse = (code: ErrorCode): Promise<never> => Promise.reject(new FleetError(code, `it said ${code}`));
  const api = {
    listServers: () => (typeof list === 'string' ? refuse(list) : { servers: list.map((name) => ({ name })) }),
    lookupImages: () => (lookup === undefined ? { images: [] } : refuse(lookup)),
  } as unknown as Pick<OperatorClient, 'listServers' | 'lookupImages'>;
  return tryConnection({ api, readStatus: async () => aStatus([], { targets }) });
}

const target = (server: string, code?: ErrorCode): ReturnType<typeof aStatus>['targets'][number] => ({
  ...{ server, isFit: code === undefined, heard: null },
  problem: code === undefined ? null : { code, message: 'refused' },
});

it.each([
  ['KEY_MISSING', 'key'],
  ['KEY_WRONG', 'key'],
  ['SESSION_MISSING', 'key'],
  ['PEER_UNREACHABLE', 'servers'],
  ['PEER_TIMEOUT', 'servers'],
  ['PEER_ANSWER_INVALID', 'servers'],
] as const)('%s is said at the field %s', async (code, field) => {
  expect(await attempt({ list: code })).toEqual({ isFine: false, field, code, message: `it said ${code}` });
});

it('names who answers, and which servers take nothing at this moment', async () => {
  expect(await attempt({ targets: [target('http://a'), target('http://b', 'DISK_FULL')] })).toEqual({
    ...{ isFine: true, names: ['s1', 's2'], isBlind: false, unfit: ['http://b'] },
  });
});

it('takes a key that may upload and not look', async () => {
  expect(await attempt({ list: 'ROLE_MISSING', targets: [target('http://a')] })).toEqual({
    ...{ isFine: true, names: ['http://a'], isBlind: true, unfit: [] },
  });
  expect(await attempt({ list: 'ROLE_MISSING', lookup: 'ROLE_MISSING' })).toMatchObject({
    isFine: false,
    field: 'key',
  });
});
