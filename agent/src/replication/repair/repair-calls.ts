import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { Catalog } from '#store/catalog.ts';
import type { ImageStore } from '#store/image-store.ts';
import { hashesOf, joinPages } from '#store/repair-reads.ts';
import { sumDigests } from '#store/set-digest.ts';
import { checked, parseJson } from '../batch-manifest.ts';
import type { PeerCall } from '../peer-endpoint.ts';
import {
  BUCKETS_PATH,
  bucketsQuestion,
  DAYS_PATH,
  ENTRIES_PATH,
  entriesQuestion,
  FETCH_PATH,
  fetchQuestion,
  MAX_RECORDS,
  pack,
  packPage,
  PAGE_ENTRIES,
  RECORDS_PATH,
  recordsQuestion,
  ROOT_PATH,
  rootQuestion,
  RUN_PATH,
  SHORT_DIGITS,
  shortDigests,
  STATUS_PATH,
  statusQuestion,
  unpack,
  type RunStatus,
} from './repair-messages.ts';
import { serveCopies } from './serve-copies.ts';

export interface RepairCallsDeps {
  readonly catalog: Pick<Catalog, 'digestDays' | 'digestBuckets' | 'listEntries' | 'findEntries' | 'findMany'>;
  readonly store: Pick<ImageStore, 'open'>;
  /** The name that this server's configuration has for the peer that calls itself so; undefined when it has none. */
  readonly peerNamed: (name: string) => string | undefined;
  /** Compares with that peer soon; answers the id of the run. */
  readonly requestRun: (peer: string) => string;
  readonly runStatus: (run: string) => RunStatus;
}

/** What peers may ask to compare their records with ours and to get what they lack. */
export function repairCalls(deps: RepairCallsDeps): ReadonlyMap<string, PeerCall> {
  const { catalog } = deps;
  return new Map<string, PeerCall>([
    [ROOT_PATH, async (_, line) => sumDigests(await catalog.digestDays(read(rootQuestion, line).view))],
    [
      DAYS_PATH,
      async (_, line) => {
        const days = await catalog.digestDays(read(rootQuestion, line).view);
        return { days: days.map(({ day, digest }) => [day, digest.slice(0, SHORT_DIGITS)]) };
      },
    ],
    [
      BUCKETS_PATH,
      async (_, line) => {
        const { view, day } = read(bucketsQuestion, line);
        return { digests: pack(shortDigests(await catalog.digestBuckets(view, day))) };
      },
    ],
    [
      ENTRIES_PATH,
      async (_, line, sender) => {
        const query = { ...read(entriesQuestion, line), limit: PAGE_ENTRIES, server: deps.peerNamed(sender) ?? sender };
        return packPage(joinPages(await catalog.listEntries(query)));
      },
    ],
    [
      RECORDS_PATH,
      async (_, line) => {
        const { hashes, ...range } = read(recordsQuestion, line);
        const wanted = hashesOf(unpack(hashes)).slice(0, MAX_RECORDS);
        return { records: (await catalog.findEntries({ ...range, hashes: wanted })).slice(0, MAX_RECORDS) };
      },
    ],
    [FETCH_PATH, (_, line) => serveCopies(read(fetchQuestion, line).items, deps)],
    [
      RUN_PATH,
      async (_, _line, sender) => {
        const peer = deps.peerNamed(sender);
        if (peer === undefined) throw new FleetError('SERVER_UNKNOWN', `${sender} is not among the peers here`);
        return Promise.resolve({ run: deps.requestRun(peer) });
      },
    ],
    [STATUS_PATH, (_, line) => Promise.resolve(deps.runStatus(read(statusQuestion, line).run))],
  ]);
}

function read<T>(schema: Parameters<typeof checked<T>>[0], line: Uint8Array): T {
  return checked(schema, parseJson(line), 'the question');
}
