import { expect, it } from 'vitest';
import { replicaOfEvent } from './replica-of-event.ts';

const PATH = '2026/3/9/x.png';

it.each([
  ['delivered', 'stored'],
  ['pending', 'pending'],
  ['parked', 'pending'],
  ['dead', 'failed'],
])('reads a delivery that is %s as a copy that is %s', (state, shown) => {
  const news = replicaOfEvent({ kind: 'delivery', data: { path: PATH, server: 's2', state, cause: null } });
  expect(news).toEqual({ path: PATH, replica: { server: 's2', state: shown } });
});

it('keeps the cause', () => {
  const cause = { code: 'PEER_DOWN', message: 'gone' };
  const news = replicaOfEvent({ kind: 'delivery', data: { path: PATH, server: 's2', state: 'parked', cause } });
  expect(news?.replica).toEqual({ server: 's2', state: 'pending', code: 'PEER_DOWN' });
});

it('passes over what is none', () => {
  expect(replicaOfEvent({ kind: 'image', data: { path: PATH } })).toBeNull();
  expect(replicaOfEvent({ kind: 'delivery', data: { path: PATH, server: 7, state: 'parked' } })).toBeNull();
});
