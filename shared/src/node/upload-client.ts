import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import FormData from 'form-data';
import { FleetError } from '#common/errors/fleet-error.ts';
import type { ImageId } from '#common/image/image-path.ts';
import { receipt, type StoredImage } from '#common/operator/operator-schemas.ts';
import { errorOfAnswer } from '#common/operator/answer-error.ts';
import { errorOfTransport } from './client-errors.ts';
import { fileErrorCode } from './file-error-code.ts';
import {
  createUploadTransport,
  UploadPostError,
  type UploadAnswer,
  type UploadTransport,
  type UploadTransportOptions,
} from './upload-transport.ts';

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

/** Uploads files to API v1, streamed from the disk. */
export function createUploadClient(options: UploadTransportOptions): UploadClient {
  const transport = createUploadTransport(options);
  return {
    upload: async (request) => {
      try {
        return readAnswer(await send(request, transport), request);
      } catch (error) {
        request.signal?.throwIfAborted();
        return { kind: 'failed', error: explain(error, request), retryAfterMs: undefined };
      }
    },
    close: () => transport.close(),
  };
}

async function send(request: UploadRequest, transport: UploadTransport): Promise<UploadAnswer> {
  const { size } = await stat(request.file);
  const form = new FormData();
  form.append('id', request.id);
  // A file that grows while it is read must not exceed the length that was announced.
  const source = createReadStream(request.file, { end: Math.max(size, 1) - 1 });
  source.on('data', (chunk) => request.onBytes?.(chunk.length));
  // form-data takes a known length of 0 for an unknown one; no bytes need no stream.
  form.append('file', size === 0 ? Buffer.alloc(0) : source, { filename: basename(request.file), knownLength: size });
  const { server, waitMs, signal } = request;
  try {
    return await transport.post({ server, form, query: uploadQuery(request), waitMs, signal });
  } finally {
    source.destroy();
  }
}

function uploadQuery(request: UploadRequest): Record<string, string> {
  if (request.ack === undefined) return {};
  return { ack: request.ack, ...(request.waitMs === undefined ? {} : { wait: `${String(request.waitMs)}ms` }) };
}

function readAnswer({ status, body, retryAfterMs }: UploadAnswer, request: UploadRequest): UploadOutcome {
  const image = receipt.safeParse(body).data?.images[0];
  if (image === undefined) {
    return { kind: 'failed', error: errorOfAnswer(status, body, request.server), retryAfterMs };
  }
  if ('error' in image) {
    return { kind: 'failed', error: errorOfAnswer(status, image.error, request.server), retryAfterMs: undefined };
  }
  return { kind: 'stored', image, isAcknowledged: status !== 202 };
}

function explain(error: unknown, request: UploadRequest): FleetError {
  const fileCode = fileErrorCode(error instanceof UploadPostError ? error.cause : error);
  if (fileCode !== undefined) {
    return new FleetError('INPUT_INVALID', `cannot read ${request.file} (${fileCode})`, {
      cause: error,
      hint: 'Look whether the file is still there and may be read.',
    });
  }
  if (error instanceof UploadPostError) return error.error;
  return errorOfTransport(error, request.server);
}
