import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { agentConfigSchema } from '@imagefleet/shared/common/config/agent-config.ts';
import type { Delivery } from '@imagefleet/shared/common/delivery/delivery.ts';
import { parseImagePath } from '@imagefleet/shared/common/image/image-path.ts';
import type { PresentRecord } from '@imagefleet/shared/common/image/record.ts';
import { silentLogger, type Logger } from '@imagefleet/shared/common/log/logger.ts';
import type { OperatorHandlers } from '@imagefleet/shared/common/operator/operator-api.ts';
import { FreeSpaceFloor } from '#store/free-space-floor.ts';
import { PathLocks } from '#store/path-locks.ts';
import { SqliteCatalog } from '#store/sqlite-catalog.ts';
import { chunksOf } from '#store/testing/image-store-contract.ts';
import { FailureLog } from '../failure-log.ts';
import { PeerEndpoint, type PeerCall, type PeerEndpointDeps } from '../peer-endpoint.ts';
import { PeerIdentities } from '../peer-identities.ts';
import { RepairPeer } from '../repair/repair-peer.ts';
import { Repair } from '../repair/repair.ts';
import { reseedCalls } from '../reseed/reseed-calls.ts';
import { Replicator } from '../replicator.ts';
import { ProbingPeerHealth } from './probing-peer-health.ts';
import { SpaciousStore } from './spacious-store.ts';

export interface TestServerOptions {
  readonly name: string;
  readonly key?: string;
  readonly peerKey?: string;
  readonly autoRetry?: boolean;
  readonly backoff?: { readonly first: string; readonly cap: string };
  readonly replayEvery?: string;
  readonly handlers?: Partial<OperatorHandlers>;
  readonly logger?: Logger;
  readonly random?: () => number;
  readonly firstLines?: PeerEndpointDeps['firstLines'];
  /** More calls of the peer protocol. */
  readonly calls?: ReadonlyMap<string, PeerCall>;
}

export interface Peering {
  readonly name: string;
  readonly url: string;
  readonly key?: string;
}

/** Sees a request before the endpoint does; true when it has answered itself. */
export type Interceptor = (request: IncomingMessage, response: ServerResponse) => boolean;

/**
 * Store, catalog, receiver and replicator of one server, real ones, on 127.0.0.1. It can be taken off the network and
 * put back at the same port, and its clock can be set.
 */
export class TestServer {
  readonly name: string;
  readonly key: string;
  readonly store: SpaciousStore;
  readonly catalog: SqliteCatalog;
  readonly logDir: string;
  readonly repair: Repair;
  clockOffsetMs = 0;
  /** What it tells those who ask; false: it is being filled itself. */
  hasWholeCatalog = true;
  intercept: Interceptor = () => false;
  /** Requests of the peer protocol that reached this server, as paths. */
  readonly requests: string[] = [];
  readonly #dir: string;
  readonly #options: TestServerOptions;
  readonly #endpoint: PeerEndpoint;
  readonly #peers = new Map<string, RepairPeer>();
  #http: Server | null = null;
  #port = 0;
  #replicator: Replicator | null = null;
  #health: ProbingPeerHealth | null = null;
  #identities: PeerIdentities | null = null;

  private constructor(options: TestServerOptions, dir: string) {
    this.#options = options;
    this.#dir = dir;
    this.name = options.name;
    this.key = options.key ?? `key of ${options.name}`;
    this.logDir = join(dir, 'log');
    this.store = new SpaciousStore({
      imagesDir: join(dir, 'images'),
      tmpDir: join(dir, 'tmp'),
      trashDir: join(dir, 'trash'),
    });
    this.catalog = new SqliteCatalog({ file: join(dir, 'catalog.sqlite') });
    const shared = {
      ...{ name: this.name, store: this.store, catalog: this.catalog, locks: new PathLocks() },
      ...{ now: this.now, logger: options.logger ?? silentLogger },
    };
    this.repair = new Repair({
      ...{ ...shared, peers: this.#peers, tombstonePeriodMs: 30 * 86_400_000 },
      wake: () => this.#replicator?.wake(),
    });
    this.#endpoint = new PeerEndpoint({
      ...{ ...shared, securityKey: this.key, calls: this.#calls() },
      floor: new FreeSpaceFloor(this.store, 1e9),
      handlers: () => ({ ...options.handlers }) as OperatorHandlers,
      peerKey: options.peerKey,
      ...(options.firstLines && { firstLines: options.firstLines }),
    });
  }

  /** Started and listening, without replication until `replicateTo`. */
  static async start(options: TestServerOptions): Promise<TestServer> {
    const server = new TestServer(options, await mkdtemp(join(tmpdir(), 'imagefleet-replication-')));
    await server.store.start(new Set());
    await server.listen();
    return server;
  }

  #calls(): ReadonlyMap<string, PeerCall> {
    const idsOf = (name: string): readonly string[] => this.#identities?.idsOf(name) ?? [];
    return new Map([
      ...this.repair.calls(),
      ...reseedCalls({
        ...{ catalog: this.catalog, store: this.store, idsOf },
        hasWholeCatalog: () => this.hasWholeCatalog,
      }),
      ...(this.#options.calls ?? []),
    ]);
  }

  readonly now = (): number => Date.now() + this.clockOffsetMs;

  get url(): string {
    return `http://127.0.0.1:${String(this.#port)}`;
  }

  get replicator(): Replicator {
    if (this.#replicator === null) throw new Error(`${this.name} does not replicate`);
    return this.#replicator;
  }

  async replicateTo(...peers: readonly Peering[]): Promise<Replicator> {
    await this.openCatalog(peers.map(({ name }) => name));
    const {
      autoRetry = true,
      backoff = { first: '20ms', cap: '50ms' },
      replayEvery = '10m',
      logger = silentLogger,
    } = this.#options;
    const config = agentConfigSchema.parse({
      ...{ name: this.name, publicUrl: this.url, replication: { autoRetry, backoff, replayEvery } },
      peers: peers.map(({ name, url, key }) => ({ name, url, securityKey: key ?? `key of ${name}` })),
    });
    this.#identities = new PeerIdentities({ catalog: this.catalog, peers: peers.map(({ name }) => name) });
    await this.#identities.start();
    this.#health = new ProbingPeerHealth(peers);
    this.#replicator = new Replicator({
      ...{ identities: this.#identities, health: this.#health },
      ...{ config, store: this.store, catalog: this.catalog, now: this.now, logger },
      failureLog: new FailureLog({ logDir: this.logDir, timeZone: 'UTC', logger }),
      random: this.#options.random ?? (() => 0),
      clientLimits: { stallMs: 2000, helloMs: 500 },
    });
    for (const { name } of peers) {
      const client = this.#replicator.clientOf(name);
      if (client !== undefined) this.#peers.set(name, new RepairPeer(name, client));
    }
    await this.#replicator.start();
    this.#health.start();
    return this.#replicator;
  }

  async openCatalog(peers: readonly string[]): Promise<void> {
    await this.catalog.start(peers);
  }

  /** Takes an image in as an upload would; answers its record. */
  async accept(path: string, bytes: Buffer, mode: 'create' | 'overwrite' = 'create'): Promise<PresentRecord> {
    const [record] = await this.acceptAll(new Map([[path, bytes]]), mode);
    if (record === undefined) throw new Error(`not stored: ${path}`);
    return record;
  }

  /** Takes images in by one commit, so that they go out together. */
  async acceptAll(
    images: ReadonlyMap<string, Buffer>,
    mode: 'create' | 'overwrite' = 'create',
  ): Promise<readonly PresentRecord[]> {
    const staged = [];
    for (const [path, bytes] of images) {
      const { stagingName, sha256, sizeBytes } = await this.store.stage(chunksOf(bytes), { maxBytes: bytes.length });
      await this.store.publish(stagingName, parseImagePath(path));
      staged.push({
        path,
        sha256,
        sizeBytes,
        mediaType: 'image/png',
        originalName: '照片.png',
        mode,
        stagingName: null,
      });
    }
    const targets = this.replicator.targets();
    const { outcomes, notes } = await this.catalog.write(
      staged.map((write) => ({ ...write, targets })),
      this.now(),
    );
    this.replicator.note(notes);
    this.replicator.wake();
    return outcomes.map((outcome) => {
      if (!('record' in outcome)) throw new Error(`not stored: ${JSON.stringify(outcome)}`);
      return outcome.record;
    });
  }

  fileOf(path: string): string {
    return join(this.#dir, 'images', path);
  }

  async read(path: string): Promise<Buffer | undefined> {
    return readFile(this.fileOf(path)).catch(() => undefined);
  }

  /** Names in the tmp area: what a failure left behind. */
  async leftovers(): Promise<readonly string[]> {
    return readdir(join(this.#dir, 'tmp'));
  }

  async trashed(): Promise<readonly string[]> {
    return readdir(join(this.#dir, 'trash'));
  }

  async ledger(): Promise<readonly Delivery[]> {
    return this.catalog.listDeliveries({ afterId: 0, limit: 1000 });
  }

  /** The failure log's lines of all days. */
  async failures(): Promise<readonly string[]> {
    const files = await readdir(this.logDir).catch(() => []);
    const texts = await Promise.all(files.map((file) => readFile(join(this.logDir, file), 'utf8')));
    return texts.join('').split('\n').slice(0, -1);
  }

  async listen(): Promise<void> {
    this.#http = createServer((request, response) => {
      if (request.url !== '/health/live') this.requests.push(request.url ?? '');
      if (this.intercept(request, response)) return;
      if (request.url === '/health/live') response.end('ok');
      else void this.#endpoint.handle(request, response);
    });
    await new Promise<void>((resolve) => this.#http?.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (this.#http.address() as AddressInfo).port;
  }

  stopEndpoint(): Promise<void> {
    return this.#endpoint.stop();
  }

  /** Off the network: connections break and new ones are refused. */
  async unplug(): Promise<void> {
    const http = this.#http;
    this.#http = null;
    if (http === null) return;
    http.closeAllConnections();
    await new Promise((resolve) => http.close(resolve));
  }

  async stop(): Promise<void> {
    await this.repair.stop();
    await this.#replicator?.stop();
    await this.#health?.stop();
    await this.#endpoint.stop();
    await this.unplug();
    await this.store.stop();
    await this.catalog.stop();
    await rm(this.#dir, { recursive: true, force: true });
  }
}

export function imageBytes(sizeBytes = 2000): Buffer {
  return randomBytes(sizeBytes);
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** A generated path; the number makes it another. */
export function generatedPath(index = 0): string {
  return `2026/1/2/0d9c5f0e-5f57-4f6e-9a53-${index.toString(16).padStart(12, '0')}.png`;
}

/** Waits until `check` holds, for what real sockets and disks decide the time of. */
export async function eventually(
  what: string,
  check: () => Promise<boolean> | boolean,
  withinMs = 8000,
): Promise<void> {
  for (const startedAt = performance.now(); !(await check());) {
    if (performance.now() - startedAt > withinMs) throw new Error(`not within ${String(withinMs)} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
