import type { ImageRecord } from '@imagefleet/shared/common/image/record.ts';
import { type DigestView, type EntryPage, type EntryRange, hashesOf } from '#store/repair-reads.ts';
import type { SetDigest } from '#store/set-digest.ts';
import type { EncodedBatch } from '../batch-encoder.ts';
import type { EntryOutcome } from '../batch-manifest.ts';
import type { PeerClient, SignedStream } from '../peer-client.ts';
import { fetchCopies, type CopyGiver, type WantedCopy } from './fetch-copies.ts';
import {
  answered,
  BUCKETS_PATH,
  bucketsAnswer,
  DAYS_PATH,
  daysAnswer,
  ENTRIES_PATH,
  entriesAnswer,
  pack,
  RECORDS_PATH,
  recordsAnswer,
  ROOT_PATH,
  rootAnswer,
  RUN_PATH,
  runAnswer,
  STATUS_PATH,
  statusAnswer,
  unpack,
  unpackPage,
  type RunStatus,
} from './repair-messages.ts';

/** What a comparison asks the other side. Failures are the peer client's. */
export interface ComparedPeer {
  readonly name: string;
  root(view: DigestView, signal: AbortSignal): Promise<SetDigest>;
  /** Short digests by day. */
  days(view: DigestView, signal: AbortSignal): Promise<ReadonlyMap<string, string>>;
  /** One short digest for each bucket. */
  buckets(view: DigestView, day: string, signal: AbortSignal): Promise<readonly string[]>;
  entries(range: EntryRange, signal: AbortSignal): Promise<EntryPage>;
  records(
    range: EntryRange & { readonly hashes: readonly string[] },
    signal: AbortSignal,
  ): Promise<readonly ImageRecord[]>;
}

/** One peer, as repair speaks to it. */
export class RepairPeer implements ComparedPeer, CopyGiver {
  readonly name: string;
  readonly #client: PeerClient;

  constructor(name: string, client: PeerClient) {
    this.name = name;
    this.#client = client;
  }

  /** Fails within seconds when nobody answers, so that nothing longer is begun. */
  async probe(signal: AbortSignal): Promise<void> {
    await this.#client.hello(signal);
  }

  async root(view: DigestView, signal: AbortSignal): Promise<SetDigest> {
    return answered(rootAnswer, await this.#client.question(ROOT_PATH, { view }, signal), ROOT_PATH);
  }

  async days(view: DigestView, signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
    const answer = await this.#client.question(DAYS_PATH, { view }, signal);
    return new Map(answered(daysAnswer, answer, DAYS_PATH).days);
  }

  async buckets(view: DigestView, day: string, signal: AbortSignal): Promise<readonly string[]> {
    const answer = await this.#client.question(BUCKETS_PATH, { view, day }, signal);
    return hashesOf(unpack(answered(bucketsAnswer, answer, BUCKETS_PATH).digests));
  }

  async entries(range: EntryRange, signal: AbortSignal): Promise<EntryPage> {
    const answer = await this.#client.question(ENTRIES_PATH, range, signal);
    return unpackPage(answered(entriesAnswer, answer, ENTRIES_PATH));
  }

  async records(
    { hashes, ...range }: EntryRange & { readonly hashes: readonly string[] },
    signal: AbortSignal,
  ): Promise<readonly ImageRecord[]> {
    const answer = await this.#client.question(RECORDS_PATH, { ...range, hashes: pack(hashes) }, signal);
    return answered(recordsAnswer, answer, RECORDS_PATH).records;
  }

  fetch(items: readonly WantedCopy[], signal: AbortSignal): Promise<SignedStream> {
    return fetchCopies(this.#client, items, signal);
  }

  /** Pushes a batch, as replication does. */
  push(batch: EncodedBatch, count: number, signal: AbortSignal): Promise<readonly EntryOutcome[]> {
    return this.#client.push(batch, count, signal);
  }

  /** Asks the peer to compare with this server soon and to pull what it lacks; the id of its run. */
  async requestRun(signal: AbortSignal): Promise<string> {
    return answered(runAnswer, await this.#client.question(RUN_PATH, {}, signal), RUN_PATH).run;
  }

  async runStatus(run: string, signal: AbortSignal): Promise<RunStatus> {
    return answered(statusAnswer, await this.#client.question(STATUS_PATH, { run }, signal), STATUS_PATH);
  }
}
