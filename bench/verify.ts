import { parseArgs } from 'node:util';
import type { Socket } from 'node:net';
import type { ImageRecord, PresentRecord } from '@imagefleet/shared/common/image/record.ts';
import { formatVersion } from '@imagefleet/shared/common/image/version.ts';
import type { VerifyReport } from '@imagefleet/shared/common/operator/repair-schemas.ts';
import { chunksOf } from '../agent/src/store/testing/image-store-contract.ts';
import { imageBytes, sha256Of, TestServer } from '../agent/src/replication/testing/test-server.ts';

const USAGE = `npm run bench:verify -- [options]
Compares two servers with the same records of one day, then with one image that only one of them has. Counts every byte
that passes between them, in both directions and with all headers.
  --count N   records in each catalog (1000000)
  --json      one JSON document`;

const DAY = '2026/3/9';
const SLICE = 2000;
const IMAGE_BYTES = 50_000;
/** What the product promises for a million. */
const LIMITS = { equalMs: 1000, equalBytes: 100_000, healBytes: 200_000 };

interface Measured {
  readonly ms: number;
  readonly wireBytes: number;
  readonly report: VerifyReport;
}

/** The bytes that have passed over every connection that came to a server. */
class Wire {
  readonly #sockets = new Set<Socket>();

  watch(server: TestServer): void {
    server.intercept = ({ socket }) => {
      this.#sockets.add(socket);
      return false;
    };
  }

  get bytes(): number {
    let bytes = 0;
    for (const { bytesRead, bytesWritten } of this.#sockets) bytes += bytesRead + bytesWritten;
    return bytes;
  }
}

/** The record number `index` of every server: generated name, 50 KB. */
function recordAt(index: number, now: number): PresentRecord {
  const hash = sha256Of(Buffer.from(String(index)));
  const uuid = `${hash.slice(0, 8)}-${hash.slice(8, 12)}-4${hash.slice(13, 16)}-a${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
  return {
    ...{ kind: 'present', path: `${DAY}/${uuid}.jpg`, sha256: hash, sizeBytes: IMAGE_BYTES, createdAt: now },
    version: formatVersion({ wallMs: now - 3_600_000 + Math.floor(index / 1000), counter: index % 1000 }, 'bench'),
    ...{ mediaType: 'image/jpeg', originalName: `IMG_${String(index)}.jpg` },
  };
}

async function merge(server: TestServer, records: readonly ImageRecord[]): Promise<void> {
  const outcomes = await server.catalog.merge(
    records.map((record) => ({ record, stagingName: null })),
    server.now(),
  );
  if (outcomes.some(({ outcome }) => outcome !== 'stored')) throw new Error('a record was not stored');
}

async function fill(server: TestServer, count: number, now: number): Promise<void> {
  for (let start = 0; start < count; start += SLICE) {
    const size = Math.min(SLICE, count - start);
    await merge(
      server,
      Array.from({ length: size }, (_, index) => recordAt(start + index, now)),
    );
  }
}

/** An image with its bytes, on one server only, and in no ledger. */
async function plant(server: TestServer, index: number, now: number): Promise<PresentRecord> {
  const bytes = imageBytes(IMAGE_BYTES);
  const { stagingName, sha256 } = await server.store.stage(chunksOf(bytes), { maxBytes: bytes.length });
  const record = { ...recordAt(index, now), sha256 };
  await server.store.publish(stagingName, record.path as never);
  await merge(server, [record]);
  return record;
}

async function measure(server: TestServer, wire: Wire): Promise<Measured> {
  const [startBytes, startMs] = [wire.bytes, performance.now()];
  const run = server.repair.start({ reason: 'schedule', withCopies: false });
  await run.ended;
  return { ms: performance.now() - startMs, wireBytes: wire.bytes - startBytes, report: run.report() };
}

async function runAll(count: number): Promise<Readonly<Record<string, Measured>>> {
  const now = Date.now();
  const servers = [await TestServer.start({ name: 's1' }), await TestServer.start({ name: 's2' })] as const;
  const [s1, s2] = servers;
  const wire = new Wire();
  try {
    await Promise.all([s1.replicateTo(s2), s2.replicateTo(s1)]);
    for (const server of servers) wire.watch(server);
    await Promise.all(servers.map((server) => fill(server, count, now)));
    const equal = await measure(s1, wire);
    const { path } = await plant(s2, count, now);
    const pulled = await measure(s1, wire);
    const lost = await plant(s1, count + 1, now);
    const pushed = await measure(s1, wire);
    for (const [server, image] of [
      [s1, path],
      [s2, lost.path],
    ] as const) {
      if ((await server.read(image)) === undefined) throw new Error(`${image} did not arrive`);
    }
    return { equal, pulled, pushed };
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
}

function lineOf(name: string, { ms, wireBytes, report }: Measured): string {
  const states = report.servers.map(({ state, pulled, pushed }) => `${state}, pulled ${pulled}, pushed ${pushed}`);
  return `${name.padEnd(7)} ${ms.toFixed(0).padStart(6)} ms  ${String(wireBytes).padStart(7)} bytes  ${states.join('; ')}`;
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      count: { type: 'string', default: '1000000' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    process.exit(0);
  }
  const count = Number(values.count);
  if (!Number.isInteger(count) || count < 1 || count > 10_000_000) throw new Error('--count: 1 to 10000000');
  const measured = await runAll(count);
  if (values.json) console.log(JSON.stringify(measured));
  else for (const [name, one] of Object.entries(measured)) console.log(lineOf(name, one));
  const { equal, pulled, pushed } = measured;
  const healed = [pulled, pushed].every((one) => (one?.wireBytes ?? Infinity) - IMAGE_BYTES < LIMITS.healBytes);
  const isQuick = (equal?.ms ?? Infinity) < LIMITS.equalMs && (equal?.wireBytes ?? Infinity) < LIMITS.equalBytes;
  if (!healed || !isQuick) process.exitCode = 1;
}
