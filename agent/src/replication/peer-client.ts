import { Agent as HttpAgent, type ClientRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { Readable } from 'node:stream';
import axios, { type AxiosInstance, type AxiosRequestConfig, type AxiosResponse } from 'axios';
import { z } from 'zod';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import {
  OPERATOR_API,
  type OperatorInput,
  type OperatorMethodName,
  type OperatorOutput,
} from '@imagefleet/shared/common/operator/operator-api.ts';
import { freeOwned, ownedConcat } from '#store/owned-buffer.ts';
import { BatchDecoder } from './batch-decoder.ts';
import type { EncodedBatch } from './batch-encoder.ts';
import { parseBatchAnswer, type EntryOutcome } from './batch-manifest.ts';
import { requestChunks } from './peer-answer.ts';
import { connectionError, refusalError, unsignedRefusal } from './peer-errors.ts';
import {
  isAnswerSigned,
  peerKeyOf,
  signatureOf,
  signRequest,
  type PeerKey,
  type PeerSecrets,
} from './peer-signature.ts';

/** Silence on the connection after which a push is given up: a disk under load may sync for long. */
const STALL_MS = 30_000;
const HELLO_MS = 2_000;
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;
const MAX_REFUSAL_BYTES = 64 * 1024;
/** Two pushes, a hello and a few questions. */
const MAX_SOCKETS = 8;

const helloSchema = z.object({ serverId: z.string(), name: z.string() });
export type Hello = z.infer<typeof helloSchema>;

/** A peer of the configuration. */
export interface PeerAddress extends PeerSecrets {
  readonly name: string;
  /** Start of its address, without a path. */
  readonly url: string;
}

export interface PeerClientOptions {
  readonly peer: PeerAddress;
  /** This server, as its requests name it; asked for with each request, because the id is known after the catalog's start. */
  readonly self: () => { readonly id: string; readonly name: string };
  readonly now: () => number;
  /** Silence after which a push or a question is given up. Default 30 s. */
  readonly stallMs?: number;
  /** Limit of one whole hello. Default 2 s. */
  readonly helloMs?: number;
}

/** An answer whose first line is signed; what follows has its hashes there. */
export interface SignedStream {
  readonly line: Uint8Array;
  /** Behind the line. */
  readonly decoder: BatchDecoder;
  /** Cuts the connection when the answer was not read to its end. */
  readonly close: () => void;
}

interface Body {
  readonly manifestLine: Uint8Array;
  readonly sizeBytes: number;
  readonly body: EncodedBatch['body'];
}

interface PostOptions {
  readonly signal: AbortSignal;
  readonly callerSignal?: AbortSignal;
  readonly isStream?: boolean;
}

interface CheckedAnswer extends Pick<AxiosResponse<Buffer>, 'status' | 'data' | 'headers'> {
  readonly signature: string;
}

/**
 * Speaks the peer protocol to one server. Failures are FleetErrors: PEER_UNREACHABLE and PEER_TIMEOUT for the
 * connection, PEER_KEY_WRONG, PEER_ANSWER_INVALID for whatever is not signed by the peer, and the peer's own refusals.
 */
export class PeerClient {
  readonly #options: PeerClientOptions;
  readonly #key: PeerKey;
  readonly #http: AxiosInstance;
  readonly #agents: readonly [HttpAgent, HttpsAgent];

  constructor(options: PeerClientOptions) {
    this.#options = options;
    this.#key = peerKeyOf(options.peer);
    const httpAgent = new HttpAgent({ keepAlive: true, maxSockets: MAX_SOCKETS });
    const httpsAgent = new HttpsAgent({ keepAlive: true, maxSockets: MAX_SOCKETS });
    this.#agents = [httpAgent, httpsAgent];
    this.#http = axios.create({
      ...{ httpAgent, httpsAgent, baseURL: options.peer.url, responseType: 'arraybuffer', decompress: false },
      // A redirect or a proxy from the environment would hand images to somebody else.
      ...{ maxRedirects: 0, proxy: false, validateStatus: () => true },
      ...{ maxContentLength: MAX_ANSWER_BYTES, maxBodyLength: Infinity },
      // Node's own transport takes this as silence on the socket, not as a limit of the whole: a large image may take long.
      timeout: options.stallMs ?? STALL_MS,
    });
  }

  /** Closes the connections that are kept open. */
  close(): void {
    for (const agent of this.#agents) agent.destroy();
  }

  /** Pushes one batch of `count` entries; how each ended, in order. */
  async push(batch: EncodedBatch, count: number, signal: AbortSignal): Promise<readonly EntryOutcome[]> {
    return parseBatchAnswer(await this.#call('/peer/v1/batch', batch, signal), count);
  }

  /** Whether the peer takes our copies, and who it is. */
  async hello(signal: AbortSignal): Promise<Hello> {
    const within = AbortSignal.any([signal, AbortSignal.timeout(this.#options.helloMs ?? HELLO_MS)]);
    const hello = helloSchema.safeParse(await this.#call('/peer/v1/hello', lineOnly({}), within, signal));
    if (!hello.success) throw new FleetError('PEER_ANSWER_INVALID', 'the hello has a form that is not known');
    return hello.data;
  }

  /** Asks one question of the operator API, in the peer's own scope. */
  async ask<M extends OperatorMethodName>(
    method: M,
    input: OperatorInput<M>,
    signal: AbortSignal,
  ): Promise<OperatorOutput<M>> {
    const answer = OPERATOR_API[method].output.safeParse(
      await this.#call('/peer/v1/ask', lineOnly({ method, input }), signal),
    );
    if (!answer.success) {
      throw new FleetError('PEER_ANSWER_INVALID', `the answer to ${method} has a form that is not known`, {
        cause: answer.error,
      });
    }
    // The schema that just parsed it is the one of M; the compiler cannot see that through the table's union.
    return answer.data as OperatorOutput<M>;
  }

  /** Asks one question of the peer protocol; the answer's JSON as it came. */
  question(path: string, value: unknown, signal: AbortSignal): Promise<unknown> {
    return this.#call(path, lineOnly(value), signal);
  }

  /** Asks a question that is answered by a stream. */
  async stream(path: string, value: unknown, signal: AbortSignal): Promise<SignedStream> {
    const { response, signature } = await this.#post<IncomingMessage>(path, lineOnly(value), {
      signal,
      isStream: true,
    });
    const { status, data, headers } = response;
    const decoder = new BatchDecoder(requestChunks(data));
    const close = (): void => {
      if (!data.readableEnded) data.destroy();
    };
    try {
      if (status !== 200) this.#checked({ status, data: await readAll(data), headers, signature });
      const line = await decoder.readLine();
      const signed = { status, requestSignature: signature, body: line };
      if (!isAnswerSigned(this.#key, signed, signatureOf(headers))) throw this.#unsigned();
      return { line, decoder, close };
    } catch (error) {
      close();
      throw error;
    }
  }

  /** `callerSignal` tells an abort by the caller from one by our own limit, where `signal` is both. */
  async #call(path: string, body: Body, signal: AbortSignal, callerSignal = signal): Promise<unknown> {
    const { response, signature } = await this.#post<Buffer>(path, body, { signal, callerSignal });
    return this.#checked({ ...response, signature });
  }

  async #post<T>(
    path: string,
    body: Body,
    { signal, callerSignal = signal, isStream = false }: PostOptions,
  ): Promise<{ readonly response: AxiosResponse<T>; readonly signature: string }> {
    const { self, now } = this.#options;
    const { manifestLine, sizeBytes } = body;
    const request = { method: 'POST', path, sentAt: now(), sender: self(), manifestLine };
    const { signature, headers } = signRequest(this.#key, request);
    const content = body.body();
    const config: AxiosRequestConfig = {
      headers: { ...headers, 'content-type': 'application/octet-stream', 'content-length': sizeBytes },
      signal,
      ...(isStream ? { responseType: 'stream', maxContentLength: Infinity } : {}),
    };
    const response = await this.#send(() => this.#http.post<T>(path, content, config), callerSignal).finally(() => {
      if (content instanceof Readable) content.destroy();
    });
    if (!(content instanceof Readable) && isSent(response)) freeOwned(content);
    return { response, signature };
  }

  /** The JSON of a signed answer. Throws what it refuses with, PEER_KEY_WRONG and PEER_ANSWER_INVALID. */
  #checked({ status, data, headers, signature }: CheckedAnswer): unknown {
    const { peer } = this.#options;
    const json = parseJsonOrNull(data);
    if (!isAnswerSigned(this.#key, { status, requestSignature: signature, body: data }, signatureOf(headers))) {
      throw unsignedRefusal(status, json, peer) ?? this.#unsigned();
    }
    if (status !== 200) throw refusalError(json, peer);
    return json;
  }

  #unsigned(): FleetError {
    const { url, name } = this.#options.peer;
    return new FleetError('PEER_ANSWER_INVALID', `${url} gave an answer that ${name} has not signed`);
  }

  async #send<T>(send: () => Promise<AxiosResponse<T>>, callerSignal: AbortSignal): Promise<AxiosResponse<T>> {
    const { peer } = this.#options;
    try {
      const response = await send();
      // The rest of the body is not worth sending.
      if (!isSent(response)) requestOf(response).destroy();
      return response;
    } catch (error) {
      if (callerSignal.aborted) {
        throw new FleetError('SHUTTING_DOWN', `the call to ${peer.name} was cancelled`, { cause: error });
      }
      // Cancelled by nobody but our own limit.
      if (axios.isCancel(error)) {
        throw new FleetError('PEER_TIMEOUT', `${peer.name} did not answer in time`, { cause: error });
      }
      throw connectionError(error, peer);
    }
  }
}

function lineOnly(value: unknown): Body {
  const manifestLine = Buffer.from(JSON.stringify(value));
  const body = ownedConcat([manifestLine, Buffer.from('\n')], manifestLine.length + 1);
  return { manifestLine, sizeBytes: body.length, body: () => body };
}

/** False when the answer came before the whole body was handed to the system, which then still reads it. */
function isSent(response: AxiosResponse): boolean {
  return requestOf(response).writableFinished;
}

function requestOf(response: AxiosResponse): ClientRequest {
  // What Node's transport puts there; axios does not say which transport it took.
  return response.request as ClientRequest;
}

/** A refusal; more than its limit is no refusal of ours. */
async function readAll(source: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of source) {
    sizeBytes += chunk.length;
    if (sizeBytes > MAX_REFUSAL_BYTES) break;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function parseJsonOrNull(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    // Then it is not from the peer, which the signature proves anyway.
    return null;
  }
}
