import { expect, it } from 'vitest';
import { waitingCauses } from './waiting-causes.ts';

it('says each cause once, with every server that it is about', () => {
  expect(
    waitingCauses([
      { server: 's1', state: 'stored' },
      { server: 's2', state: 'pending', code: 'PEER_DOWN' },
      { server: 's3', state: 'failed', code: 'DISK_FULL' },
      { server: 's4', state: 'pending', code: 'PEER_DOWN' },
      { server: 's5', state: 'pending' },
    ]),
  ).toEqual([
    { code: 'PEER_DOWN', servers: ['s2', 's4'] },
    { code: 'DISK_FULL', servers: ['s3'] },
  ]);
});
