import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import Koa from 'koa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ownOrigin } from './own-origin.ts';
import { exchange } from './testing/browser.ts';

describe('the own origin', () => {
  const app = new Koa();
  app.use((ctx) => {
    ctx.body = { origin: ownOrigin(ctx, ctx.get('X-Public-Url') || undefined) ?? null };
  });
  const listener = app.callback();
  const server = createServer((request, response) => void listener(request, response));
  let url: string;

  beforeAll(async () => {
    await once(server.listen(0, '127.0.0.1'), 'listening');
    url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  });
  afterAll(() => void server.close());

  it.each([
    [{ Host: '127.0.0.1:7401' }, 'http://127.0.0.1:7401'],
    [{ Host: 'I-1.Example.com' }, 'http://i-1.example.com'],
    [{ Host: 'i-1.example.com:80' }, 'http://i-1.example.com'],
    [{ Host: '[::1]:7401' }, 'http://[::1]:7401'],
    [{ Host: 'i-1.example.com', 'X-Forwarded-Proto': 'https' }, 'https://i-1.example.com'],
    [{ Host: 'i-1.example.com', 'X-Forwarded-Proto': 'HTTPS, http' }, 'https://i-1.example.com'],
    [{ Host: 'i-1.example.com', 'X-Forwarded-Proto': 'javascript' }, 'http://i-1.example.com'],
    [{ Host: 'i-1.example.com', 'X-Public-Url': 'https://i-1.example.com/img' }, 'https://i-1.example.com'],
    [{ Host: '10.0.0.1:7401', 'X-Public-Url': 'https://i-1.example.com' }, 'http://10.0.0.1:7401'],
    [{ Host: 'i-1.example.com/path' }, null],
    [{ Host: 'user@i-1.example.com' }, null],
    [{ Host: 'a:99999' }, null],
  ])('of %j is %s', async (headers, origin) => {
    expect((await exchange(url, { headers })).json).toEqual({ origin });
  });
});
