import { beforeEach, expect, it } from 'vitest';
import type { FleetClient } from '@imagefleet/shared/node/fleet-client.ts';
import { FleetMembers } from './fleet-members.ts';

const A = 'http://10.0.0.1:7401';
const B = 'http://10.0.0.2:7401';

let made: string[];
let closed: string[];
let members: FleetMembers;
beforeEach(() => {
  made = [];
  closed = [];
  members = new FleetMembers((server, key) => {
    made.push(`${server} ${key ?? 'without a key'}`);
    return { close: () => closed.push(server) } as unknown as FleetClient;
  });
});

it('keeps one client for each server, however its address is written', () => {
  members.use({ servers: [A, `${A}/`, A.toUpperCase(), 'nonsense', B], key: 'K' });
  expect([members.servers, made]).toEqual([
    [A, B],
    [`${A} K`, `${B} K`],
  ]);
  expect(members.client(`${A}/`)).toBe(members.client(A));
  expect(members.client('http://10.0.0.3:7401')).toBeUndefined();
});

it('keeps what stays, closes what leaves, and begins anew with another key', () => {
  members.use({ servers: [A, B], key: undefined });
  const kept = members.client(B);
  members.use({ servers: [B], key: undefined });
  expect([closed, members.client(B) === kept]).toEqual([[A], true]);
  members.use({ servers: [B], key: 'K' });
  expect([closed, members.client(B) === kept, made.at(-1)]).toEqual([[A, B], false, `${B} K`]);
  members.close();
  expect([closed, members.servers]).toEqual([[A, B, B], []]);
});
