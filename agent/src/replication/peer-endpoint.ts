import type { IncomingMessage, ServerResponse } from 'node:http';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { Logger } from '@imagefleet/shared/common/log/logger.ts';
import { Gate, type GateLimits } from '@imagefleet/shared/node/gate.ts';
import type { OperatorHandlers } from '@imagefleet/shared/common/operator/operator-api.ts';
import type { Catalog } from '#store/catalog.ts';
import type { FreeSpaceFloor } from '#store/free-space-floor.ts';
import type { ImageStore } from '#store/image-store.ts';
import type { PathLocks } from '#store/path-locks.ts';
import { answerQuestion } from './answer-question.ts';
import { commitBatch } from './batch-commit.ts';
import { BatchDecoder } from './batch-decoder.ts';
import { asFleetError, takeBatch } from './batch-intake.ts';
import { bodySizeOf, parseJson, parseManifest } from './batch-manifest.ts';
import { requestChunks, sendAnswer } from './peer-answer.ts';
import {
  assertAcceptable,
  peerKeyOf,
  signAnswer,
  verifyRequest,
  type PeerKey,
  type PeerSecrets,
  type VerifiedRequest,
} from './peer-signature.ts';
import { STAGING_LIMITS, StagingSlots } from './staging-slots.ts';
import { sendStreamed, StreamedAnswer } from './streamed-answer.ts';

/**
 * A first line is held in memory before anybody knows who sent it: so many at once, and each for so long only, keep
 * strangers from filling the memory or all places.
 */
const FIRST_LINES = { running: 16, waiting: 128, maxWaitMs: 5_000, maxLineMs: 10_000 };
/** How long `stop` waits for batches that are being received. */
const STOP_MS = 10_000;

/** The secrets are those that peers have for this server. */
export interface PeerEndpointDeps extends PeerSecrets {
  readonly name: string;
  readonly floor: Pick<FreeSpaceFloor, 'assertRoomFor'>;
  readonly store: ImageStore;
  /** Its `serverId` is read when requests come, after its start. */
  readonly catalog: Pick<Catalog, 'serverId' | 'findManyAnyCase' | 'merge' | 'clearStaging'>;
  /** The same locks as local writes take. */
  readonly locks: PathLocks;
  /** Answers questions of other agents; asked for late, because the services are built after this. */
  readonly handlers: () => OperatorHandlers;
  /** More calls, by their path. */
  readonly calls?: ReadonlyMap<string, PeerCall>;
  readonly now: () => number;
  readonly logger: Logger;
  /** Limits on requests whose sender is not known yet; the defaults suit every fleet. */
  readonly firstLines?: GateLimits & { readonly maxLineMs: number };
}

/** Answers one kind of call; the value goes out as signed JSON, or as it is when it is a StreamedAnswer. */
export type PeerCall = (decoder: BatchDecoder, line: Uint8Array, sender: string) => Promise<unknown>;

/**
 * The receiving side of the peer protocol: everything under /peer/v1/. Nothing is believed before the signature over
 * the first line is right, and no byte of an image is taken before that. It never forwards what it receives.
 */
export class PeerEndpoint {
  readonly #deps: PeerEndpointDeps;
  readonly #key: PeerKey;
  readonly #slots = new StagingSlots(STAGING_LIMITS);
  readonly #firstLines: Gate;
  readonly #calls: ReadonlyMap<string, PeerCall>;
  readonly #running = new Set<Promise<void>>();
  #isStopping = false;

  constructor(deps: PeerEndpointDeps) {
    this.#deps = deps;
    this.#key = peerKeyOf(deps);
    this.#firstLines = new Gate(deps.firstLines ?? FIRST_LINES, () => {
      return new FleetError('PEER_BUSY', `${deps.name} hears as many servers as it can at this moment`);
    });
    this.#calls = new Map<string, PeerCall>([
      ['/peer/v1/batch', (decoder, line, sender) => this.#batch(decoder, line, sender)],
      ['/peer/v1/hello', () => this.#hello()],
      ['/peer/v1/ask', (_, line) => answerQuestion(parseJson(line), deps.handlers())],
      ...(deps.calls ?? []),
    ]);
  }

  /** Answers by itself, also its own failures; never rejects. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const work = this.#answer(request, response).catch((error: unknown) => {
      this.#deps.logger.warn('peer.notAnswered', { url: request.url, error });
      response.destroy();
    });
    this.#running.add(work);
    await work;
    this.#running.delete(work);
  }

  /** Refuses new requests with SHUTTING_DOWN and waits, within a limit, for those that run. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise((resolve) => (timer = setTimeout(resolve, STOP_MS)));
    await Promise.race([Promise.all(this.#running), late]);
    clearTimeout(timer);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const decoder = new BatchDecoder(requestChunks(request));
    let verified: VerifiedRequest | undefined;
    let status = 200;
    let value: unknown;
    try {
      const call = this.#callOf(request);
      verified = await this.#firstLines.run(() => this.#verify(request, decoder));
      const { name, catalog, now } = this.#deps;
      assertAcceptable(verified, { id: catalog.serverId, name, nowMs: now() });
      if (this.#isStopping) throw new FleetError('SHUTTING_DOWN', 'this server is stopping');
      value = await call(decoder, verified.manifestLine, verified.sender.name);
      await decoder.finish();
    } catch (error) {
      const refusal = asFleetError(error);
      this.#logRefusal(refusal, request.url, verified);
      status = refusal.status;
      value = { error: refusal.toBody() };
    }
    await decoder.release();
    if (value instanceof StreamedAnswer && verified !== undefined) {
      const signed = { status, requestSignature: verified.signature, body: value.head };
      await sendStreamed(response, value, signAnswer(this.#key, signed));
      return;
    }
    const body = Buffer.from(JSON.stringify(value));
    const requestSignature = verified?.signature;
    const headers = requestSignature === undefined ? {} : signAnswer(this.#key, { status, requestSignature, body });
    await sendAnswer(request, response, { status, headers, body });
  }

  /** A function of its own, so that the line of a stranger is gone before the rest of the body is thrown away. */
  async #verify(request: IncomingMessage, decoder: BatchDecoder): Promise<VerifiedRequest> {
    const { maxLineMs } = this.#deps.firstLines ?? FIRST_LINES;
    const late = setTimeout(() => request.destroy(new Error('the first line took too long')), maxLineMs);
    try {
      const manifestLine = await decoder.readLine();
      const { url: path = '', headers } = request;
      return verifyRequest(this.#key, { method: 'POST', path, manifestLine, headers });
    } finally {
      clearTimeout(late);
    }
  }

  #callOf({ url = '', method }: IncomingMessage): PeerCall {
    const call = this.#calls.get(url);
    if (call === undefined) throw new FleetError('NOT_FOUND', `the peer protocol has no ${url}`);
    if (method !== 'POST') throw new FleetError('METHOD_NOT_ALLOWED', `${url} takes POST only`);
    return call;
  }

  async #hello(): Promise<unknown> {
    await this.#deps.floor.assertRoomFor(0);
    return { serverId: this.#deps.catalog.serverId, name: this.#deps.name };
  }

  async #batch(decoder: BatchDecoder, line: Uint8Array, sender: string): Promise<unknown> {
    const { entries } = parseManifest(line);
    const sizeBytes = entries.reduce((sum, entry) => sum + bodySizeOf(entry), 0);
    await this.#deps.floor.assertRoomFor(sizeBytes);
    const startedAt = this.#deps.now();
    const intake = await takeBatch(entries, decoder, { ...this.#deps, slots: this.#slots });
    const outcomes = await commitBatch(intake.entries, this.#deps);
    this.#deps.logger.debug('replica.received', {
      ...{ sender, count: entries.length, sizeBytes, tookMs: this.#deps.now() - startedAt },
    });
    // What arrived whole is committed and will answer "already"; the sender learns of the rest by this refusal.
    if (intake.brokenBy !== undefined) throw intake.brokenBy;
    return { outcomes };
  }

  #logRefusal(refusal: FleetError, url: string | undefined, verified: VerifiedRequest | undefined): void {
    const { code, message, cause } = refusal;
    const fields = { url, sender: verified?.sender.name, code, message, ...(cause === undefined ? {} : { cause }) };
    if (code === 'INTERNAL') this.#deps.logger.error('peer.failed', fields);
    else this.#deps.logger.warn('peer.refused', fields);
  }
}
