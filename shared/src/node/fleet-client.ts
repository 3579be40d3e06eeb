import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import axios from 'axios';
import { withoutSlash } from '#common/address/without-slash.ts';
import type { OperatorClient } from '#common/operator/operator-api.ts';
import { ask, createOperatorClient, type OperatorSend } from '#common/operator/operator-client.ts';
import { API_ROOT } from '#common/operator/operator-route.ts';
import {
  loginLink,
  SESSION_LINKS_PATH,
  SESSION_PATH,
  sessionInfo,
  type LoginLink,
  type SessionInfo,
} from '#common/operator/session-schemas.ts';
import { errorOfTransport } from './client-errors.ts';

const DEFAULT_TIMEOUT_MS = 30_000;
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
const MAX_SOCKETS = 32;

export interface FleetClientOptions {
  /** Start of the server's address, such as `http://127.0.0.1:7401`; a trailing slash does not matter. */
  readonly server: string;
  readonly key: string | undefined;
  /** Limit of one whole call; 30 s unless given. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface FleetClient extends OperatorClient {
  /** A link that logs a browser in at the server's console, once, with the roles of the key. */
  makeLoginLink(): Promise<LoginLink>;
  /** Name of the server that answers, and what the key may do there. */
  readSession(): Promise<SessionInfo>;
  /** Closes the connections that are kept open. */
  close(): void;
}

/** HTTP client of API v1, made from the table. Failures are FleetErrors: the server's own, or PEER_UNREACHABLE, PEER_TIMEOUT, PEER_ANSWER_INVALID. */
export function createFleetClient(options: FleetClientOptions): FleetClient {
  const httpAgent = new HttpAgent({ keepAlive: true, maxSockets: MAX_SOCKETS });
  const httpsAgent = new HttpsAgent({ keepAlive: true, maxSockets: MAX_SOCKETS });
  const server = trimServer(options.server);
  const http = axios.create({
    baseURL: server,
    headers: options.key === undefined ? {} : { Authorization: `Bearer ${options.key}` },
    timeout: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    maxContentLength: MAX_ANSWER_BYTES,
    // A redirect or a proxy from the environment would carry the key to somebody else.
    maxRedirects: 0,
    proxy: false,
    validateStatus: () => true,
    httpAgent,
    httpsAgent,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  const send: OperatorSend = async ({ http: method, path, query, body }) => {
    try {
      const { status, data } = await http.request<unknown>({
        ...{ method, url: path },
        ...(body === undefined ? {} : { data: body }),
        ...(query === undefined ? {} : { params: query }),
      });
      return { status, body: data };
    } catch (error) {
      throw errorOfTransport(error, server);
    }
  };
  return {
    ...createOperatorClient(server, send),
    makeLoginLink: () => {
      const request = { http: 'POST', path: API_ROOT + SESSION_LINKS_PATH, body: {} } as const;
      return ask(server, send, { name: 'makeLoginLink', request, status: 201, output: loginLink });
    },
    readSession: () => {
      const request = { http: 'GET', path: API_ROOT + SESSION_PATH } as const;
      return ask(server, send, { name: 'readSession', request, status: 200, output: sessionInfo });
    },
    close: () => {
      httpAgent.destroy();
      httpsAgent.destroy();
    },
  };
}

/** An address as people paste it, without what the calls add. */
export function trimServer(server: string): string {
  return withoutSlash(server.trim());
}
