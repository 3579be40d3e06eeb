import { afterEach, describe, expect, it } from 'vitest';
import { answerJson, readBody, startStubServer, type StubHandler, type StubServer } from '#testing/stub-server.ts';
import { createFleetClient, type FleetClient } from './fleet-client.ts';

const SHA = 'a'.repeat(64);

describe('the fleet client', () => {
  let stub: StubServer | undefined;
  let client: FleetClient | undefined;
  afterEach(async () => {
    client?.close();
    await stub?.close();
  });

  async function serve(handler: StubHandler, options: { timeoutMs?: number } = {}): Promise<FleetClient> {
    stub = await startStubServer(handler);
    client = createFleetClient({ server: `${stub.url}/`, key: 'K', ...options });
    return client;
  }

  it('asks by the path, query and key of the table', async () => {
    let authorization: string | undefined;
    const asked = await serve((request, response) => {
      authorization = request.headers.authorization;
      answerJson(response, 200, { servers: [], silent: ['s3'] });
    });
    expect(await asked.listServers({ scope: 'fleet' })).toEqual({ servers: [], silent: ['s3'] });
    expect(stub?.requests).toEqual(['GET /api/v1/servers?scope=fleet']);
    expect(authorization).toBe('Bearer K');
  });

  it('learns who answers', async () => {
    const session = { server: 's1', keyName: 'anna', roles: ['read'], expiresAt: null, servers: [] };
    const asked = await serve((_, response) => answerJson(response, 200, session));
    expect(await asked.readSession()).toEqual(session);
    expect(stub?.requests).toEqual(['GET /api/v1/session']);
  });

  it('sends what a POST needs as JSON', async () => {
    const asked = await serve(async (request, response) => {
      const { sha256 } = JSON.parse((await readBody(request)).toString()) as { sha256: string[] };
      answerJson(response, 200, {
        images: sha256.map((hash) => ({ sha256: hash, path: 'a.png', link: 'l', sizeBytes: 1 })),
      });
    });
    expect((await asked.lookupImages({ sha256: [SHA] })).images[0]?.sha256).toBe(SHA);
  });

  it('encodes the path of an image segment by segment', async () => {
    const asked = await serve((_request, response) =>
      answerJson(response, 404, { code: 'IMAGE_NOT_FOUND', message: 'gone' }),
    );
    await expect(asked.getImage({ path: '图/a #1.png' })).rejects.toMatchObject({ code: 'IMAGE_NOT_FOUND' });
    expect(stub?.requests).toEqual(['GET /api/v1/images/%E5%9B%BE/a%20%231.png']);
  });

  it('asks for a login link', async () => {
    const link = { url: 'http://127.0.0.1:7401/console#token=t', expiresAt: 1 };
    const asked = await serve((_request, response) => answerJson(response, 201, link));
    expect(await asked.makeLoginLink()).toEqual(link);
    expect(stub?.requests).toEqual(['POST /api/v1/session/links']);
  });

  it("passes on the server's own code, message and hint", async () => {
    const asked = await serve((_request, response) =>
      answerJson(response, 401, { code: 'KEY_WRONG', message: 'The key is not the one.', hint: 'Look.' }),
    );
    await expect(asked.listServers({})).rejects.toMatchObject({
      name: 'FleetError',
      code: 'KEY_WRONG',
      message: 'The key is not the one.',
      hint: 'Look.',
    });
  });

  it.each([
    [502, '<html>Bad Gateway</html>', 'PEER_FAILED'],
    [429, '', 'RATE_LIMITED'],
    [404, '<html>nginx</html>', 'PEER_ANSWER_INVALID'],
    [200, '<html>Welcome</html>', 'PEER_ANSWER_INVALID'],
    [200, '{"servers":"many"}', 'PEER_ANSWER_INVALID'],
    [302, '', 'PEER_ANSWER_INVALID'],
  ])('makes of status %i with body %j the code %s', async (status, body, code) => {
    const asked = await serve((_request, response) => {
      response.writeHead(status, { Location: '/elsewhere' }).end(body);
    });
    await expect(asked.listServers({})).rejects.toMatchObject({ code });
    expect(stub?.requests).toHaveLength(1);
  });

  it('names the server when nobody listens there', async () => {
    const closed = await startStubServer(() => undefined);
    await closed.close();
    client = createFleetClient({ server: closed.url, key: undefined });
    await expect(client.listServers({})).rejects.toMatchObject({
      code: 'PEER_UNREACHABLE',
      message: expect.stringContaining(`${closed.url} (ECONNREFUSED)`) as string,
    });
  });

  it('gives up after its time', async () => {
    const asked = await serve(() => undefined, { timeoutMs: 50 });
    await expect(asked.listServers({})).rejects.toMatchObject({ code: 'PEER_TIMEOUT' });
  });

  it('ignores a proxy of the environment, which would see the key', async () => {
    const before = process.env['http_proxy'];
    process.env['http_proxy'] = 'http://127.0.0.1:9';
    try {
      const asked = await serve((_request, response) => answerJson(response, 200, { servers: [], silent: [] }));
      await expect(asked.listServers({})).resolves.toEqual({ servers: [], silent: [] });
    } finally {
      if (before === undefined) delete process.env['http_proxy'];
      else process.env['http_proxy'] = before;
    }
  });
});
