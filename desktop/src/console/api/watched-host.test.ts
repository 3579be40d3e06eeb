import { expect, it } from 'vitest';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { ConsoleHost, ImageUpload } from './host.ts';
import { Line } from './line.ts';
import { watchedHost } from './watched-host.ts';

it('lets the line see every call and the progress of uploads, and changes nothing else', async () => {
  const server = { isGone: false };
  const answer = async (): Promise<unknown> => {
    if (server.isGone) throw new FleetError('PEER_UNREACHABLE', 'gone');
    return 'an answer';
  };
  const host = {
    ...{ api: { listServers: answer }, session: answer, login: answer, logout: answer },
    upload: ({ onProgress }: ImageUpload) => {
      onProgress(500);
      return answer();
    },
    takeToken: () => 'a token',
  } as unknown as ConsoleHost;
  const line = new Line(() => 0);
  const watched = watchedHost(host, line);
  const told: number[] = [];
  const upload = { onProgress: (bytes: number) => told.push(bytes) } as unknown as ImageUpload;
  const calls: readonly (() => Promise<unknown>)[] = [
    () => watched.api.listServers({}),
    () => watched.session(),
    () => watched.login({ key: 'x' }),
    () => watched.logout(),
    () => watched.upload(upload),
  ];
  for (const call of calls) {
    server.isGone = true;
    await expect(call()).rejects.toMatchObject({ code: 'PEER_UNREACHABLE' });
    expect(line.isAnswered()).toBe(false);
    server.isGone = false;
    expect(await call()).toBe('an answer');
    expect(line.isAnswered()).toBe(true);
  }
  expect([told, line.bytesPerSecond(), watched.takeToken()]).toEqual([[500, 500], 1000, 'a token']);
});
