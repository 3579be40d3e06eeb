import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { basename } from 'node:path';
import axios, { type AxiosResponse } from 'axios';
import FormData from 'form-data';
import { FleetError } from '#common/errors/fleet-error.ts';
import type { ImageId } from '#common/image/image-path.ts';
import { receipt, type StoredImage } from '#common/operator/operator-schemas.ts';
import { errorOfAnswer } from '#common/operator/answer-error.ts';
import { errorOfTransport } from './client-errors.ts';
import { trimServer } from './fleet-client.ts';
import { PatientSocket } from './patient-socket.ts';

const DEFAULT_STALL_MS = 30_000;
const MAX_ANSWER_BYTES = 1024 * 1024;
const MAX_RETRY_AFTER_MS = 10 * 60_000;

export interface UploadRequest {
  readonly server: string;
  readonly file: string;
  /** Chosen once per image; the same id again, at any server, is the same image. */
  readonly id: ImageId;
  readonly ack?: string | undefined;
  /** How long the server waits for `ack`. */
  readonly waitMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called with the bytes of the file that went out since the last call. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

export type UploadOutcome =
  | { readonly kind: 'stored'; readonly image: StoredImage; readonly isAcknowledged: boolean }
  | { readonly kind: 'failed'; readonly error: FleetError; readonly retryAfterMs: number | undefined };

export interface UploadClient {
  /** Sends one file. Failures are values; only the caller's own signal makes it throw. */
  upload(request: UploadRequest): Promise<UploadOutcome>;
  close(): void;
}

/** Uploads files to API v1, streamed from the disk. `stallMs`: no byte moved and no answer for so long is PEER_TIMEOUT. */
export function createUploadClient(options: {
  readonly key: string | undefined;
  readonly connections: number;
  readonly stallMs?: number;
}): UploadClient {
  const stallMs = options.stallMs ?? DEFAULT_STALL_MS;
  const httpAgent = new HttpAgent({ keepAlive: true, maxSockets: options.connections });
  httpAgent.createConnection = (connection) => new PatientSocket().connect(socketAddress(connection));
  const httpsAgent = new HttpsAgent({ keepAlive: true, maxSockets: options.connections });
  return {
    upload: async (request) => {
      const stalled = new AbortController();
      const patienceMs = stallMs + (request.waitMs ?? 0);
      const timer = setTimeout(() => {
        stalled.abort();
      }, patienceMs);
      const signals = request.signal === undefined ? [stalled.signal] : [stalled.signal, request.signal];
      try {
        const response = await send(request, {
          key: options.key,
          agents: { httpAgent, httpsAgent },
          signal: AbortSignal.any(signals),
          onMoved: () => timer.refresh(),
        });
        return readAnswer(response, request);
      } catch (error) {
        request.signal?.throwIfAborted();
        return { kind: 'failed', error: explain(error, request, stalled.signal.aborted), retryAfterMs: undefined };
      } finally {
        clearTimeout(timer);
      }
    },
    close: () => {
      httpAgent.destroy();
      httpsAgent.destroy();
    },
  };
}

interface Transport {
  readonly key: string | undefined;
  readonly agents: { readonly httpAgent: HttpAgent; readonly httpsAgent: HttpsAgent };
  readonly signal: AbortSignal;
  readonly onMoved: () => void;
}

async function send(request: UploadRequest, transport: Transport): Promise<AxiosResponse<unknown>> {
  const { size } = await stat(request.file);
  const form = new FormData();
  form.append('id', request.id);
  // A file that grows while it is read must not exceed the length that was announced.
  const source = createReadStream(request.file, { end: Math.max(size, 1) - 1 });
  source.on('data', (chunk) => {
    transport.onMoved();
    request.onBytes?.(chunk.length);
  });
  // form-data takes a known length of 0 for an unknown one; no bytes need no stream.
  form.append('file', size === 0 ? Buffer.alloc(0) : source, { filename: basename(request.file), knownLength: size });
  try {
    return await axios.post<unknown>(`${trimServer(request.server)}/api/v1/images`, form, {
      ...transport.agents,
      params: uploadQuery(request),
      headers: {
        ...form.getHeaders(),
        'Content-Length': form.getLengthSync(),
        ...(transport.key === undefined ? {} : { Authorization: `Bearer ${transport.key}` }),
      },
      signal: transport.signal,
      // Redirects would make axios keep the whole body in memory, and carry the key elsewhere.
      maxRedirects: 0,
      proxy: false,
      maxBodyLength: Infinity,
      maxContentLength: MAX_ANSWER_BYTES,
      validateStatus: () => true,
    });
  } finally {
    source.destroy();
  }
}

function uploadQuery(request: UploadRequest): Record<string, string> {
  if (request.ack === undefined) return {};
  return { ack: request.ack, ...(request.waitMs === undefined ? {} : { wait: `${String(request.waitMs)}ms` }) };
}

function readAnswer(response: AxiosResponse<unknown>, request: UploadRequest): UploadOutcome {
  const { status, data } = response;
  const parsed = receipt.safeParse(data);
  const image = parsed.data?.images[0];
  if (image === undefined) {
    return {
      kind: 'failed',
      error: errorOfAnswer(status, data, request.server),
      retryAfterMs: retryAfterMs(response.headers['retry-after']),
    };
  }
  if ('error' in image) {
    return { kind: 'failed', error: errorOfAnswer(status, image.error, request.server), retryAfterMs: undefined };
  }
  return { kind: 'stored', image, isAcknowledged: status !== 202 };
}

/** Retry-After in seconds or as a date (RFC 9110, 10.2.3), in milliseconds from now and within reason. */
function retryAfterMs(header: unknown): number | undefined {
  if (typeof header !== 'string') return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), MAX_RETRY_AFTER_MS);
}

function explain(error: unknown, request: UploadRequest, isStalled: boolean): FleetError {
  if (isStalled) {
    return new FleetError('PEER_TIMEOUT', `${request.server} took nothing and answered nothing`, { cause: error });
  }
  const fileCode = fileErrorCode(error);
  if (fileCode !== undefined) {
    return new FleetError('INPUT_INVALID', `cannot read ${request.file} (${fileCode})`, {
      cause: error,
      hint: 'Look whether the file is still there and may be read.',
    });
  }
  return errorOfTransport(error, request.server);
}

/** The code of an error of the local file system, which always names the call and, unlike one of a socket, a path. */
function fileErrorCode(error: unknown): string | undefined {
  const cause: unknown = error instanceof Error && error.cause !== undefined ? error.cause : error;
  if (!(cause instanceof Error) || !('code' in cause) || !('syscall' in cause)) return undefined;
  return 'path' in cause || cause.syscall === 'read'
    ? isSocketRead(cause)
      ? undefined
      : String(cause.code)
    : undefined;
}

function isSocketRead(error: Error & { code: unknown }): boolean {
  return error.code === 'ECONNRESET' || error.code === 'ETIMEDOUT';
}

function socketAddress(connection: { host?: string | null | undefined; port?: string | number | null | undefined }): {
  host: string;
  port: number;
} {
  return { host: connection.host ?? '127.0.0.1', port: Number(connection.port ?? 80) };
}
