import { TestServer, type TestServerOptions } from './test-server.ts';

/** The servers of one test; `stop` ends them all. */
export class TestFleet {
  #servers: TestServer[] = [];

  async server(options: TestServerOptions): Promise<TestServer> {
    const started = await TestServer.start(options);
    this.#servers.push(started);
    return started;
  }

  /** s1 replicates to s2 (and s3), which only receive. */
  async of(
    options: Partial<TestServerOptions> = {},
    receivers = 1,
  ): Promise<readonly [TestServer, TestServer, TestServer]> {
    const s1 = await this.server({ name: 's1', ...options });
    const others = await Promise.all(['s2', 's3'].slice(0, receivers).map((name) => this.server({ name })));
    await Promise.all(others.map((other) => other.openCatalog([])));
    await s1.replicateTo(...others);
    const [s2 = s1, s3 = s1] = others;
    return [s1, s2, s3];
  }

  async stop(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.stop()));
    this.#servers = [];
  }
}

/** The ledger as one word a row: state, attempts, cause. */
export async function statesOf(server: TestServer): Promise<readonly string[]> {
  return (await server.ledger()).map(
    ({ state, attempts, cause }) => `${state} ${String(attempts)} ${cause?.code ?? ''}`,
  );
}

export async function isLedgerEmpty(server: TestServer): Promise<boolean> {
  return (await server.ledger()).length === 0;
}
