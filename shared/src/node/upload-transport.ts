import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import axios from 'axios';
import type FormData from 'form-data';
import { withoutUserInfo } from '#common/address/without-user-info.ts';
import { FleetError } from '#common/errors/fleet-error.ts';
import { errorOfTransport } from './client-errors.ts';
import { trimServer } from './fleet-client.ts';
import { PatientSocket } from './patient-socket.ts';
import { StallWatch } from './stall-watch.ts';

const DEFAULT_STALL_MS = 30_000;
/** A receipt has some 600 bytes for each image and replica, and a server may be allowed 10,000 files a request. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
const MAX_RETRY_AFTER_MS = 10 * 60_000;

export interface UploadTransportOptions {
  readonly key: string | undefined;
  /** Open at once, to each server. */
  readonly connections: number;
  /** No byte moved and no answer for so long is PEER_TIMEOUT; 30 s unless given. */
  readonly stallMs?: number | undefined;
}

export interface UploadPost {
  readonly server: string;
  /** Its length must be known. It is destroyed when the call ends, however it ends. */
  readonly form: FormData;
  readonly query?: Readonly<Record<string, string>>;
  /** How long the server may be silent on top of the stall limit, because it was asked to wait. */
  readonly waitMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface UploadAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly retryAfterMs: number | undefined;
}

/** The way of a form to `POST /api/v1/images`, never in memory whole. */
export interface UploadTransport {
  /** Whatever the server answers is a value. Throws the caller's abort as it is, all else as UploadPostError. */
  post(post: UploadPost): Promise<UploadAnswer>;
  close(): void;
}

/** No answer came. `cause` is what was thrown, which may be the failure of a file that the form has in it. */
export class UploadPostError extends Error {
  /** The failure as one of the connection. */
  readonly error: FleetError;

  constructor(error: FleetError, cause: unknown) {
    super(error.message, { cause });
    this.error = error;
  }
}

export function createUploadTransport(options: UploadTransportOptions): UploadTransport {
  const stallMs = options.stallMs ?? DEFAULT_STALL_MS;
  const httpAgent = new HttpAgent({ keepAlive: true, maxSockets: options.connections });
  httpAgent.createConnection = (connection) => new PatientSocket().connect(socketAddress(connection));
  const httpsAgent = new HttpsAgent({ keepAlive: true, maxSockets: options.connections });
  const settings = {
    ...{ httpAgent, httpsAgent },
    // Redirects would make axios keep the whole body in memory, and carry the key elsewhere.
    maxRedirects: 0,
    proxy: false,
    maxBodyLength: Infinity,
    maxContentLength: MAX_ANSWER_BYTES,
    validateStatus: () => true,
  } as const;
  return {
    post: async ({ server, form, query, waitMs, signal }) => {
      const stall = new StallWatch(stallMs + (waitMs ?? 0));
      form.on('data', () => stall.touch());
      try {
        const { status, data, headers } = await axios.post<unknown>(`${trimServer(server)}/api/v1/images`, form, {
          ...settings,
          params: query ?? {},
          headers: {
            ...form.getHeaders(),
            'Content-Length': form.getLengthSync(),
            ...(options.key === undefined ? {} : { Authorization: `Bearer ${options.key}` }),
          },
          signal: signal === undefined ? stall.signal : AbortSignal.any([stall.signal, signal]),
        });
        return { status, body: data, retryAfterMs: retryAfterMs(headers['retry-after']) };
      } catch (error) {
        signal?.throwIfAborted();
        throw new UploadPostError(explain(error, server, stall), error);
      } finally {
        stall.end();
        // Of a request that was answered before its end this also ends the connection, which could carry no other one.
        form.destroy();
      }
    },
    close: () => {
      httpAgent.destroy();
      httpsAgent.destroy();
    },
  };
}

function explain(error: unknown, server: string, stall: StallWatch): FleetError {
  if (!stall.isStalled) return errorOfTransport(error, server);
  return new FleetError('PEER_TIMEOUT', `${withoutUserInfo(server)} took nothing and answered nothing`, {
    cause: error,
  });
}

/** Retry-After in seconds or as a date (RFC 9110, 10.2.3), in milliseconds from now and within reason. */
function retryAfterMs(header: unknown): number | undefined {
  if (typeof header !== 'string') return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), MAX_RETRY_AFTER_MS);
}

function socketAddress(connection: { host?: string | null | undefined; port?: string | number | null | undefined }): {
  host: string;
  port: number;
} {
  return { host: connection.host ?? '127.0.0.1', port: Number(connection.port ?? 80) };
}
