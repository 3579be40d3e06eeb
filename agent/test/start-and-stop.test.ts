import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pngImage } from '@imagefleet/shared/testing/generated-images.ts';
import { eventually, KEY, makeFleet, type AgentProcess } from './support/agent-process.ts';
import { lostOnDisk } from './support/durability-checks.ts';
import { leftInTmp, post, sha256, upload } from './support/upload.ts';
import { UploadLoad } from './support/upload-load.ts';

describe('an agent', () => {
  let dir: string;
  let agent: AgentProcess;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'imagefleet-'));
    agent = (await makeFleet(dir, 1, { limits: { freeSpaceFloor: '1MB' } }))[0] as AgentProcess;
    await agent.start();
  });

  afterEach(async () => {
    await agent.stop('SIGKILL');
    await rm(dir, { recursive: true, force: true });
  });

  /** The value of a gauge of /metrics. */
  async function gauge(name: string): Promise<number> {
    const text = await (await fetch(`${agent.url}/metrics`)).text();
    return Number(
      text
        .split('\n')
        .find((line) => line.startsWith(`${name} `))
        ?.split(' ')[1],
    );
  }

  it('clears its tmp area at the start, and reports what of records and files does not fit, while it takes uploads', async () => {
    const kept = await upload(agent, { name: 'kept.png', bytes: pngImage({ seed: 1 }) });
    const lost = await upload(agent, { name: 'lost.png', bytes: pngImage({ seed: 2 }) });
    await agent.stop();
    await rm(join(agent.imagesDir, lost.path));
    await mkdir(join(agent.imagesDir, 'old'));
    await writeFile(join(agent.imagesDir, 'old/orphan.png'), pngImage({ seed: 3 }));
    await writeFile(join(agent.dataDir, 'tmp/0123456789ab-7.part'), 'half an upl');
    // Later than the file by more than the disk's clock is coarse.
    await delay(50);
    await agent.start();
    expect(await leftInTmp(agent)).toEqual([]);
    expect(await post(agent, [{ name: 'new.png', bytes: pngImage({ seed: 4 }) }])).toMatchObject({ status: 201 });
    await eventually(
      'the comparison is through',
      10_000,
      async () => (await gauge('imagefleet_tree_check_done')) === 1,
    );
    expect(await gauge('imagefleet_records_without_file')).toBe(1);
    expect(await gauge('imagefleet_files_without_record')).toBe(1);
    const told = agent.linesSinceStart.filter((line) => line.includes('"event":"treeCheck.'));
    expect(told).toEqual([
      expect.stringMatching(`${lost.path}.*treeCheck.recordWithoutFile`),
      expect.stringMatching('old/orphan.png.*treeCheck.fileWithoutRecord'),
      expect.stringContaining('treeCheck.done'),
    ]);
    expect((await fetch(`${agent.url}/${kept.path}`)).status).toBe(200);
  });

  it('finishes an upload that was half here when it was told to stop', async () => {
    const bytes = pngImage({ seed: 5, sizeBytes: 400_000 });
    const sending = request(`${agent.url}/api/v1/images/slow/one.png`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${KEY}`, 'content-length': bytes.length },
    });
    const answered = once(sending, 'response') as Promise<[{ statusCode: number; resume(): void }]>;
    sending.write(bytes.subarray(0, 300_000));
    await eventually('its first bytes are on the disk', 5_000, async () => (await leftInTmp(agent)).length === 1);
    const stopped = agent.stop('SIGTERM');
    await eventually('it takes no more', 5_000, async () => {
      const refused = await post(agent, [{ name: 'late.png', bytes }]).catch(() => undefined);
      return refused === undefined || refused.status === 503;
    });
    sending.end(bytes.subarray(300_000));
    const [response] = await answered;
    expect(response.statusCode).toBe(201);
    response.resume();
    await stopped;
    expect(agent.end).toBe(0);
    expect(await leftInTmp(agent)).toEqual([]);
    await agent.start();
    const served = await (await fetch(`${agent.url}/slow/one.png`)).arrayBuffer();
    expect(sha256(new Uint8Array(served))).toBe(sha256(bytes));
  });

  it('loses nothing and leaves nothing to clean up when it is stopped in order under load', async () => {
    const load = new UploadLoad();
    load.start(agent);
    await eventually('many are acknowledged', 20_000, async () => load.acknowledged >= 100);
    await agent.stop('SIGTERM');
    await load.stop();
    expect(agent.end).toBe(0);
    expect([...load.refusals.keys()].filter((code) => !['503 SHUTTING_DOWN', 'CONNECTION'].includes(code))).toEqual([]);
    expect(await lostOnDisk(agent, load)).toEqual([]);
    expect(await leftInTmp(agent)).toEqual([]);
    expect((await readdir(agent.dataDir)).filter((name) => name.startsWith('catalog'))).toEqual(['catalog.sqlite']);
    const complaints = agent.linesSinceStart.filter((line) => /"level":"(warn|error)"/.test(line));
    expect(complaints.filter((line) => !line.includes('SHUTTING_DOWN'))).toEqual([]);
  });
});
