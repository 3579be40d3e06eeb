import { expect, it } from 'vitest';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { proof } from '@imagefleet/shared/common/operator/repair-schemas.ts';
import type { SetDigest } from '#store/set-digest.ts';
import { proofHandlers } from './proof.ts';
import { FakeRepair } from './testing/fake-repair.ts';

const NOW = Date.UTC(2026, 2, 9, 12);

function aSet(digit: string, more: Partial<SetDigest> = {}): SetDigest {
  return { records: 12, images: 10, bytes: 5000, oldestMs: Date.UTC(2026, 0, 1), digest: digit.repeat(64), ...more };
}

function proofOf(peers: Readonly<Record<string, SetDigest | FleetError>>) {
  const repair = new FakeRepair();
  repair.own = aSet('a');
  repair.roots = new Map(Object.entries(peers));
  return { repair, read: proofHandlers({ repair, now: () => NOW, name: 's1' }).readProof };
}

it('states that all servers hold the same set as of a minute ago, how much it is and what that rests on', async () => {
  const { repair, read } = proofOf({ s2: aSet('a'), s3: aSet('a') });
  const document = await read({});
  expect(proof.parse(document)).toEqual(document);
  expect(document).toMatchObject({ result: 'same', asOf: '2026-03-09T11:59:00.000Z', madeBy: 's1' });
  expect(document.servers.map(({ server, state }) => `${server} ${state}`)).toEqual(['s1 same', 's2 same', 's3 same']);
  const numbers = { images: 10, records: 12, bytes: 5000, hashedSince: '2026-01-01T00:00:00.000Z' };
  expect(document.servers[1]).toMatchObject({ ...numbers, digest: 'a'.repeat(64) });
  expect(document.statement.en).toContain('the same set of 10 images with 5000 bytes: s1, s2, s3.');
  expect(document.statement.zh).toContain('s1, s2, s3');
  expect(document.basis.en).toContain('has not read them again');
  expect(repair.views).toMatchObject([{ untilMs: NOW - 60_000 }]);
});

it('names who differs and who was silent, and never counts a silent server', async () => {
  const down = new FleetError('PEER_UNREACHABLE', 'no connection to s3');
  const document = await proofOf({ s2: aSet('b', { images: 9 }), s3: down }).read({});
  expect(document.result).toBe('differs');
  expect(document.servers[1]).toMatchObject({ state: 'differs', images: 9 });
  expect(document.servers[2]).toMatchObject({ state: 'silent', images: null, cause: { code: 'PEER_UNREACHABLE' } });
  expect(document.statement.en).toContain('another set: s2. These did not answer, and nothing is said of them: s3.');
  expect(await proofOf({ s2: aSet('a'), s3: down }).read({})).toMatchObject({ result: 'incomplete' });
});

it('takes a cut-off in the past, not in the future', async () => {
  const { repair, read } = proofOf({});
  expect(await read({ asOf: '2026-03-01T08:00:00+08:00' })).toMatchObject({ asOf: '2026-03-01T00:00:00.000Z' });
  expect(repair.views).toMatchObject([{ untilMs: Date.UTC(2026, 2, 1) }]);
  await expect(read({ asOf: '2026-03-09T12:00:01Z' })).rejects.toMatchObject({ code: 'INPUT_INVALID' });
});
