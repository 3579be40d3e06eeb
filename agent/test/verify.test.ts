import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Proof, VerifyReport } from '@imagefleet/shared/common/operator/repair-schemas.ts';
import { pngImage } from '@imagefleet/shared/testing/generated-images.ts';
import { AgentProcess, eventually, freePorts } from './support/agent-process.ts';
import { expectEqualFleet, ledgersEmpty } from './support/fleet-checks.ts';
import { imagesOnDisk, inParallel, upload } from './support/upload.ts';

const IMAGES = 40;
let dir: string;
let s1: AgentProcess;
let s2: AgentProcess;
let s3: AgentProcess;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'imagefleet-'));
  const ports = await freePorts(3);
  const agents = ports.map((port, index) => {
    const name = `s${String(index + 1)}`;
    return new AgentProcess({ name, port, dir: join(dir, name) });
  });
  [s1, s2, s3] = agents as [AgentProcess, AgentProcess, AgentProcess];
  await s1.configure([s2]);
  await s2.configure([s1]);
  await Promise.all([s1, s2].map((agent) => agent.start()));
  const seeds = Array.from({ length: IMAGES }, (_, index) => index);
  await inParallel(seeds, 8, async (seed) => {
    await upload(s1, { name: `${String(seed)}.png`, bytes: pngImage({ seed }) });
  });
  await eventually('all copies', 20_000, () => ledgersEmpty([s1, s2]));
  await expectEqualFleet([s1, s2], IMAGES);
});

afterEach(async () => {
  await Promise.all([s1, s2, s3].map((agent) => agent.stop('SIGKILL')));
  await rm(dir, { recursive: true, force: true });
});

async function verify(agent: AgentProcess): Promise<VerifyReport> {
  return agent.api<VerifyReport>('/verify', { method: 'POST', body: { waitSeconds: 25 } });
}

it('verify heals records and files that were removed behind the agent’s back', async () => {
  const paths = [...(await imagesOnDisk(s2)).keys()];
  const catalog = new DatabaseSync(join(s2.dir, 'data', 'catalog.sqlite'), { timeout: 5000 });
  for (const path of paths.slice(0, 3)) catalog.prepare('DELETE FROM image WHERE fold = ?').run(path);
  catalog.close();
  const [, , recordGone = '', fileGone = '', cut = ''] = paths;
  await rm(join(s2.imagesDir, recordGone));
  await rm(join(s2.imagesDir, fileGone));
  await writeFile(join(s2.imagesDir, cut), 'half');
  // A visitor would bring it back at once.
  const own = await fetch(`${s2.url}/${recordGone}`, { headers: { 'Cache-Control': 'only-if-cached' } });
  expect(own.status).toBe(504);

  const report = await verify(s2);
  expect(report).toMatchObject({ isEqual: true, copies: { missing: 2, restored: 2 } });
  expect(report.servers).toMatchObject([{ server: 's1', state: 'healed', pulled: 3, failedCount: 0 }]);
  const bytes = await expectEqualFleet([s1, s2], IMAGES);
  for (const path of paths) {
    const answer = await fetch(`${s2.url}/${path}`);
    expect(answer.status).toBe(200);
    expect(bytes.has(path)).toBe(true);
  }
  expect((await verify(s1)).servers).toMatchObject([{ state: 'equal' }]);
});

it('an agent that is added to the configuration gets everything by itself, and the proof says so', async () => {
  await Promise.all([s1.stop(), s2.stop()]);
  await s1.configure([s2, s3]);
  await s2.configure([s1, s3]);
  await s3.configure([s1, s2]);
  await Promise.all([s1, s2, s3].map((agent) => agent.start()));
  await eventually('s3 has everything', 30_000, async () => (await imagesOnDisk(s3)).size === IMAGES);
  await eventually('nothing is left to do', 10_000, async () => {
    const { report } = await s3.api<{ report: VerifyReport | null }>('/verify');
    return report?.state === 'done' && report.isEqual;
  });
  await expectEqualFleet([s1, s2, s3], IMAGES);

  const proof = await s1.api<Proof>(`/proof?asOf=${new Date().toISOString()}`);
  expect(proof.result).toBe('same');
  expect(proof.servers.map(({ server, state, images }) => [server, state, images])).toEqual(
    ['s1', 's2', 's3'].map((name) => [name, 'same', IMAGES]),
  );
  expect(await readFile(join(s3.dir, 'agent.log'), 'utf8')).toContain('repair.ran');
  await s2.stop();
  const without = await s1.api<Proof>('/proof');
  expect(without).toMatchObject({ result: 'incomplete', servers: [{}, { server: 's2', state: 'silent' }, {}] });
});
