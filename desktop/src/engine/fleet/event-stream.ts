import { request as requestPlainly, type IncomingMessage } from 'node:http';
import { request as requestOverTls } from 'node:https';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { withoutUserInfo } from '@imagefleet/shared/common/address/without-user-info.ts';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { errorOfAnswer } from '@imagefleet/shared/common/operator/answer-error.ts';
import { API_ROOT } from '@imagefleet/shared/common/operator/operator-route.ts';
import { errorOfTransport } from '@imagefleet/shared/node/client-errors.ts';
import { trimServer } from '@imagefleet/shared/node/fleet-client.ts';

const EVENTS = `${API_ROOT}/events`;
/** Events are short sentences; a stream that sends more without an end is none of ours. */
const MAX_EVENT_CHARS = 256 * 1024;
const MAX_REFUSAL_CHARS = 64 * 1024;

export interface StreamMessage {
  readonly kind: string;
  readonly data: string;
  /** Empty for a message without one. */
  readonly id: string;
}

export interface StreamRequest {
  readonly server: string;
  /** After which event to go on; from now on without it. */
  readonly lastEventId: string | undefined;
  readonly onMessage: (message: StreamMessage) => void;
  readonly signal: AbortSignal;
}

/** A stream that a server has begun to answer. */
export interface OpenedStream {
  /** Why it ended; rejects only with what a listener throws. */
  readonly ended: Promise<FleetError>;
}

/** Fails with the FleetError of the server, or PEER_UNREACHABLE, PEER_TIMEOUT. */
export type OpenStream = (request: StreamRequest) => Promise<OpenedStream>;

/** Opens event streams over HTTP (WHATWG HTML, 9.2), with the key that holds at that moment. */
export function httpEventStreams(key: () => string | undefined): OpenStream {
  return async ({ server, lastEventId, onMessage, signal }) => {
    const held = key();
    const headers = {
      Accept: 'text/event-stream',
      ...(held !== undefined && { Authorization: `Bearer ${held}` }),
      ...(lastEventId !== undefined && { 'Last-Event-ID': lastEventId }),
    };
    const response = await open(server, { headers, signal });
    const isStream = response.headers['content-type']?.startsWith('text/event-stream') ?? false;
    if (response.statusCode !== 200) throw await refusalOf(response, server);
    if (!isStream) {
      response.destroy();
      throw noStream(server);
    }
    return { ended: read(response, server, onMessage) };
  };
}

/**
 * With `node:http`, as all calls are made: `fetch` refuses some ports and every address with a user in it, and repeats the
 * password in its words. It follows no redirect, which would carry the key to somebody else.
 */
async function open(
  server: string,
  { headers, signal }: { readonly headers: Readonly<Record<string, string>>; readonly signal: AbortSignal },
): Promise<IncomingMessage> {
  try {
    const url = new URL(`${trimServer(server)}${EVENTS}`);
    const { Authorization, ...rest } = headers;
    // A user in the address is who asks, as with the calls; both do not fit into one header.
    const isKeySent = Authorization !== undefined && url.username === '';
    const send = url.protocol === 'https:' ? requestOverTls : requestPlainly;
    const request = send(url, { headers: isKeySent ? headers : rest, signal, agent: false });
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    request.once('response', resolve);
    // What fails after the head of the answer is told by the answer as well, and this listener is of no effect then.
    request.on('error', reject);
    request.end();
    return await promise;
  } catch (error) {
    throw errorOfTransport(error, server);
  }
}

async function refusalOf(response: IncomingMessage, server: string): Promise<FleetError> {
  const status = response.statusCode ?? 0;
  try {
    return errorOfAnswer(status, JSON.parse(await textOf(response)), server);
  } catch {
    // Something between us answered, and its words are of no use; the status is.
    return errorOfAnswer(status, undefined, server);
  }
}

/** The beginning of a body; what is left of it is not read. */
async function textOf(response: IncomingMessage): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const bytes of response as AsyncIterable<Uint8Array>) {
    text += decoder.decode(bytes, { stream: true });
    if (text.length > MAX_REFUSAL_CHARS) break;
  }
  return text;
}

/** Reads until the end, whatever brings it about. */
async function read(
  response: IncomingMessage,
  server: string,
  onMessage: (message: StreamMessage) => void,
): Promise<FleetError> {
  const messages: StreamMessage[] = [];
  const parser = createParser({
    maxBufferSize: MAX_EVENT_CHARS,
    onEvent: ({ event = 'message', data, id = '' }: EventSourceMessage) => messages.push({ kind: event, data, id }),
    onError: (error) => {
      // The other two are fields of a later version, which the standard says to pass over.
      if (error.type === 'max-buffer-size-exceeded') throw noStream(server, error);
    },
  });
  const decoder = new TextDecoder();
  const chunks = (response as AsyncIterable<Uint8Array, undefined>)[Symbol.asyncIterator]();
  try {
    for (;;) {
      try {
        const { done, value } = await chunks.next();
        if (done === true)
          return new FleetError('PEER_UNREACHABLE', `${withoutUserInfo(server)} ended the stream of its events`);
        parser.feed(decoder.decode(value, { stream: true }));
      } catch (error) {
        return errorOfTransport(error, server);
      }
      // Outside of what reads: a listener that throws is no fault of the server.
      for (const message of messages.splice(0)) onMessage(message);
    }
  } finally {
    response.destroy();
  }
}

function noStream(server: string, cause?: unknown): FleetError {
  return new FleetError('PEER_ANSWER_INVALID', `${withoutUserInfo(server)} answered with no stream of events`, {
    cause,
  });
}
