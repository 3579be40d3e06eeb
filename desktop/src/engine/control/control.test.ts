import { existsSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { EngineHandlers } from '#engine/api/call-engine.ts';
import { tempFolder } from '#engine/testing/temp-folder.ts';
import { controlAddress } from './control-address.ts';
import { connectToEngine } from './control-client.ts';
import { serveControl } from './control-server.ts';

const signal = new AbortController().signal;

async function serve(handlers: Partial<EngineHandlers>): Promise<string> {
  const address = controlAddress(tempFolder());
  const status = () => Promise.resolve(STATUS);
  const server = await serveControl(address, { readStatus: status, ...handlers } as EngineHandlers);
  onTestFinished(() => server.close());
  return address;
}

const NONE = { files: 0, bytes: 0 };
const STATUS = {
  counts: {
    ...{ queued: NONE, hashing: NONE, uploading: NONE, inDoubt: NONE, done: NONE, present: NONE },
    ...{ failed: NONE, paused: NONE, cancelled: NONE },
  },
  ...{ isPaused: false, holding: null, limits: { bytesPerSecond: 0, requests: 16 } },
  ...{ bytesPerSecond: null, secondsLeft: null, bytesUnderWay: 0, targets: [] },
};

function post(socketPath: string, path: string, body: string): Promise<{ status: number | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    const call = request({ socketPath, path, method: 'POST' }, (response) => {
      void text(response).then((answer) => resolve({ status: response.statusCode, body: answer }));
    });
    call.on('error', reject);
    call.end(body);
  });
}

describe('an engine that is spoken to from another process', () => {
  it('answers calls with defaults filled in, and tells errors with their code', async () => {
    const seen: unknown[] = [];
    const address = await serve({
      listItems: (input) => {
        seen.push(input);
        return Promise.resolve({ items: [], next: 7 });
      },
      clearHistory: () => Promise.reject(new FleetError('DISK_FULL', 'the disk is full')),
    });
    const engine = await connectToEngine(address, signal);
    expect(await engine?.readStatus({})).toEqual(STATUS);
    expect(await engine?.listItems({ state: 'done' })).toEqual({ items: [], next: 7 });
    expect(seen).toEqual([{ state: 'done', limit: 200 }]);
    await expect(engine?.clearHistory({})).rejects.toMatchObject({ code: 'DISK_FULL', message: 'the disk is full' });
    await expect(engine?.pause({ keys: [] })).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  });

  it.each([
    ['/frob', '{}', 404],
    ['/constructor', '{}', 404],
    ['/readStatus', '{', 400],
    ['/pause', '{"keys":["a"]}', 400],
    ['/pause', `{"keys":[${'1,'.repeat(5_000_000)}1]}`, 400],
  ])('refuses what is no call: %s', async (path, body, status) => {
    const address = await serve({});
    expect((await post(address, path, body)).status).toBe(status);
    expect((await post(address, '/readStatus', '{}')).status).toBe(200);
  });

  it('is nobody where no process is, also where one was', async () => {
    const address = controlAddress(tempFolder());
    expect(await connectToEngine(address, signal)).toBeUndefined();
    writeFileSync(address, '');
    expect(await connectToEngine(address, signal)).toBeUndefined();
    const server = await serveControl(address, {
      readStatus: () => Promise.resolve(STATUS),
    } as unknown as EngineHandlers);
    expect(statSync(address).mode & 0o777).toBe(0o600);
    expect(await connectToEngine(address, signal)).toBeDefined();
    await server.close();
    expect([await connectToEngine(address, signal), existsSync(address)]).toEqual([undefined, false]);
  });

  it('cannot live in a folder whose path is longer than a socket takes', () => {
    expect(() => controlAddress(join('/', 'x'.repeat(120)))).toThrow(/too long/);
  });
});
