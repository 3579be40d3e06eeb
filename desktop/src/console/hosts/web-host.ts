import axios, { AxiosError, type AxiosProgressEvent } from 'axios';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { errorOfAnswer } from '@imagefleet/shared/common/operator/answer-error.ts';
import { createOperatorClient, type OperatorAnswer } from '@imagefleet/shared/common/operator/operator-client.ts';
import { receipt, type StoredImage } from '@imagefleet/shared/common/operator/operator-schemas.ts';
import { API_ROOT } from '@imagefleet/shared/common/operator/operator-route.ts';
import {
  noSession,
  OPTIONAL_SESSION,
  SESSION_PATH,
  sessionInfo,
} from '@imagefleet/shared/common/operator/session-schemas.ts';
import type { ConsoleHost, ImageUpload, Session } from '#console/api/host.ts';
import { retryAfterSeconds, TooManyLogins } from '#console/api/too-many-logins.ts';
import { listenToEvents } from './web-events.ts';

/** Limit of one call that is no upload. */
const TIMEOUT_MS = 30_000;
const SESSION = API_ROOT + SESSION_PATH;
const TOKEN = /^#token=([\w-]+)$/;

/** The console in a browser, by HTTP, with the cookie of the server that it came from. */
export function createWebHost(): ConsoleHost {
  const server = location.host;
  return {
    api: createOperatorClient(server, ({ http: method, path, query, body }) =>
      send({ method, url: path, params: query, data: body, timeout: TIMEOUT_MS }),
    ),
    capabilities: { hasLogin: true, desktop: null },
    session: async () => {
      const headers = { [OPTIONAL_SESSION.name]: OPTIONAL_SESSION.value };
      const answer = await send({ method: 'GET', url: SESSION, headers, timeout: TIMEOUT_MS });
      // A server of an older version does not know the header.
      const isNobody = answer.status === 401 || noSession.safeParse(answer.body).success;
      return isNobody ? null : sessionOf(answer);
    },
    login: async (by) => {
      const { status, body, retryAfter } = await send({ method: 'POST', url: SESSION, data: by, timeout: TIMEOUT_MS });
      if (status === 429) throw new TooManyLogins(retryAfterSeconds(retryAfter));
      if (status !== 200) throw errorOfAnswer(status, body, server);
      return sessionOf(await send({ method: 'GET', url: SESSION, timeout: TIMEOUT_MS }));
    },
    logout: async () => {
      const { status, body } = await send({ method: 'DELETE', url: SESSION, timeout: TIMEOUT_MS });
      if (status >= 300) throw errorOfAnswer(status, body, server);
    },
    takeToken: () => {
      const token = TOKEN.exec(location.hash)?.[1] ?? null;
      // So that neither the history nor a screenshot keeps it.
      if (token !== null) history.replaceState(null, '', location.pathname);
      return token;
    },
    listen: (listener) => listenToEvents(`${API_ROOT}/events`, listener),
    upload,
    imageUrl: (path) => `/${path.split('/').map(encodeURIComponent).join('/')}`,
  };
}

function sessionOf({ status, body }: OperatorAnswer): Session {
  if (status !== 200) throw errorOfAnswer(status, body, location.host);
  return sessionInfo.parse(body);
}

interface Sent {
  readonly method: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly params?: unknown;
  readonly data?: unknown;
  readonly timeout?: number;
  readonly signal?: AbortSignal;
  readonly onUploadProgress?: (event: AxiosProgressEvent) => void;
}

interface Answer extends OperatorAnswer {
  readonly retryAfter: unknown;
}

async function send(sent: Sent): Promise<Answer> {
  try {
    const { status, data, headers } = await axios.request<unknown>({ ...sent, validateStatus: () => true });
    return { status, body: data, retryAfter: headers['retry-after'] };
  } catch (error) {
    if (axios.isCancel(error)) throw error;
    const isLate = error instanceof AxiosError && error.code === 'ECONNABORTED';
    const message = `${location.host} ${isLate ? 'did not answer in time' : 'cannot be reached'}`;
    throw new FleetError(isLate ? 'PEER_TIMEOUT' : 'PEER_UNREACHABLE', message, { cause: error });
  }
}

async function upload({ file, name, id, signal, onProgress }: ImageUpload): Promise<StoredImage> {
  const form = new FormData();
  form.append('id', id);
  form.append('file', file, name);
  const { status, body } = await send({
    ...{ method: 'POST', url: `${API_ROOT}/images`, data: form, signal },
    onUploadProgress: ({ loaded }) => onProgress(Math.min(loaded, file.size)),
  });
  if (status !== 201 && status !== 202 && status !== 207) throw errorOfAnswer(status, body, location.host);
  const [image] = receipt.parse(body).images;
  if (image === undefined) throw new FleetError('PEER_ANSWER_INVALID', 'the receipt names no image');
  if ('error' in image) throw errorOfAnswer(status, image.error, location.host);
  return image;
}
