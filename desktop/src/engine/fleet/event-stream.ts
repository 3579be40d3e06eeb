import { createParser, type EventSourceMessage } from 'eventsource-parser';
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
    const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') ?? false;
    if (response.status !== 200) throw await refusalOf(response, server);
    if (response.body === null || !isStream) {
      await response.body?.cancel();
      throw noStream(server);
    }
    return { ended: read(response.body, server, onMessage) };
  };
}

async function open(
  server: string,
  { headers, signal }: { readonly headers: Readonly<Record<string, string>>; readonly signal: AbortSignal },
): Promise<Response> {
  try {
    // A redirect would carry the key to somebody else.
    return await fetch(`${trimServer(server)}${EVENTS}`, { headers, signal, redirect: 'manual' });
  } catch (error) {
    throw errorOfTransport(error, server);
  }
}

async function refusalOf(response: Response, server: string): Promise<FleetError> {
  try {
    return errorOfAnswer(response.status, JSON.parse(await textOf(response)), server);
  } catch {
    // Something between us answered, and its words are of no use; the status is.
    return errorOfAnswer(response.status, undefined, server);
  }
}

/** The beginning of a body; what is left of it is not read. */
async function textOf({ body }: Response): Promise<string> {
  if (body === null) return '';
  const decoder = new TextDecoder();
  let text = '';
  for await (const bytes of body as ReadableStream<Uint8Array>) {
    text += decoder.decode(bytes, { stream: true });
    if (text.length > MAX_REFUSAL_CHARS) break;
  }
  return text;
}

/** Reads until the end, whatever brings it about. */
async function read(
  body: ReadableStream<Uint8Array>,
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
  const reader = body.getReader();
  for (;;) {
    try {
      const { done, value } = await reader.read();
      if (done) return new FleetError('PEER_UNREACHABLE', `${server} ended the stream of its events`);
      parser.feed(decoder.decode(value, { stream: true }));
    } catch (error) {
      return errorOfTransport(error, server);
    }
    // Outside of what reads: a listener that throws is no fault of the server.
    for (const message of messages.splice(0)) onMessage(message);
  }
}

function noStream(server: string, cause?: unknown): FleetError {
  return new FleetError('PEER_ANSWER_INVALID', `${server} answered with no stream of events`, { cause });
}
