import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import axios, { type AxiosInstance, type AxiosResponse } from 'axios';
import type { z } from 'zod';
import { FleetError } from '#common/errors/fleet-error.ts';
import {
  OPERATOR_API,
  type OperatorCall,
  type OperatorClient,
  type OperatorMethod,
  type OperatorMethodName,
  type OperatorOutput,
} from '#common/operator/operator-api.ts';
import { API_ROOT, toRequest, type OperatorRequest } from '#common/operator/operator-route.ts';
import { loginLink, SESSION_LINKS_PATH, type LoginLink } from '#common/operator/session-schemas.ts';
import { errorOfAnswer, errorOfTransport } from './client-errors.ts';

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
  const bind =
    <M extends OperatorMethodName>(name: M) =>
    (input: OperatorCall<M>): Promise<OperatorOutput<M>> =>
      call(http, server, name, input);
  return {
    lookupImages: bind('lookupImages'),
    listImages: bind('listImages'),
    getImage: bind('getImage'),
    listServers: bind('listServers'),
    setMaintenance: bind('setMaintenance'),
    readServerHistory: bind('readServerHistory'),
    explainServer: bind('explainServer'),
    listDeliveries: bind('listDeliveries'),
    summarizeDeliveries: bind('summarizeDeliveries'),
    replayDeliveries: bind('replayDeliveries'),
    readFailureLog: bind('readFailureLog'),
    startVerify: bind('startVerify'),
    readVerify: bind('readVerify'),
    readProof: bind('readProof'),
    makeLoginLink: async () => {
      const request = { http: 'POST', path: API_ROOT + SESSION_LINKS_PATH, body: {} } as const;
      const question = { name: 'makeLoginLink', request, status: 201, output: loginLink };
      return (await send(http, server, question)) as LoginLink;
    },
    close: () => {
      httpAgent.destroy();
      httpsAgent.destroy();
    },
  };
}

/** An address as people paste it, without what the calls add. */
export function trimServer(server: string): string {
  return server.trim().replace(/\/+$/, '');
}

async function call<M extends OperatorMethodName>(
  http: AxiosInstance,
  server: string,
  name: M,
  input: OperatorCall<M>,
): Promise<OperatorOutput<M>> {
  const { status, output }: OperatorMethod = OPERATOR_API[name];
  // The schema is the one of M; the compiler cannot see that through the table's union.
  return (await send(http, server, { name, request: toRequest(name, input), status, output })) as OperatorOutput<M>;
}

interface Question {
  /** What the call is named in errors. */
  readonly name: string;
  readonly request: OperatorRequest;
  /** Status of a success. */
  readonly status: number;
  readonly output: z.ZodType;
}

/** The answer, parsed by the question's schema. */
async function send(http: AxiosInstance, server: string, question: Question): Promise<unknown> {
  const { name, request, status, output } = question;
  let response: AxiosResponse<unknown>;
  try {
    response = await http.request<unknown>({
      method: request.http,
      url: request.path,
      ...(request.body === undefined ? {} : { data: request.body }),
      ...(request.query === undefined ? {} : { params: request.query }),
    });
  } catch (error) {
    throw errorOfTransport(error, server);
  }
  if (response.status !== status) throw errorOfAnswer(response.status, response.data, server);
  const parsed = output.safeParse(response.data);
  if (parsed.success) return parsed.data;
  throw new FleetError('PEER_ANSWER_INVALID', `${server} answered ${name} in a form this version does not know`, {
    cause: parsed.error,
    hint: 'Is there an Imagefleet agent of the same version at this address?',
  });
}
