import { EventEmitter, once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable, Writable } from 'node:stream';
import multer, { type MulterFile } from '@koa/multer';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { multipartError } from './multipart-error.ts';
import { StreamChunks } from './stream-chunks.ts';
import { boundaryOf, PartNameRewriter, unpackName } from './part-names.ts';

/** Files of one request that are received at the same time; the body is not read on while there are as many. */
const MAX_OPEN_FILES = 8;
/** Bytes of refused files that are skipped so that the other files of the request get their turn. */
const MAX_SKIPPED_BYTES = 64 * 1024 * 1024;
const MAX_FIELD_BYTES = 4096;
/** One for all: an abort without a reason makes an error object with its stack, and every upload ends in an abort. */
const REFUSED = new FleetError('BODY_MALFORMED', 'The request ended before this file was received.');

export interface SentPart {
  readonly originalName: string;
  /** The text field `id` that came before this file and after the one before it. */
  readonly id: string | undefined;
}

export interface MultipartHandler<T> {
  readonly maxFiles: number;
  /** Takes one file. A rejection refuses the whole request; `signal` fires when the request is refused or its client went. */
  receive(source: AsyncIterable<Uint8Array>, part: SentPart, signal: AbortSignal): Promise<T>;
  /** Undoes `receive`, when the request failed after it. */
  discard(received: T): Promise<void>;
}

/**
 * Reads multipart/form-data with multer, any field name, files in the order sent. multer gets a stand-in of the request
 * and is fed by hand: so its own endless draining of a refused body is not used, and the reading waits for the disk.
 * Throws BODY_MALFORMED, NO_FILE, TOO_MANY_FILES, INPUT_INVALID and what `receive` throws; nothing received is left then.
 */
export async function readMultipart<T>(
  exchange: { readonly req: IncomingMessage; readonly res: ServerResponse },
  handler: MultipartHandler<T>,
): Promise<T[]> {
  const contentType = exchange.req.headers['content-type'] ?? '';
  const boundary = boundaryOf(contentType);
  if (!/^multipart\/form-data\b/i.test(contentType) || boundary === undefined) {
    throw new FleetError('BODY_MALFORMED', 'The body is not multipart/form-data with a boundary.');
  }
  const reading = new MultipartReading(exchange.req, handler);
  const upload = multer<Received<T>>({
    storage: reading,
    preservePath: true,
    limits: {
      files: handler.maxFiles,
      fields: handler.maxFiles + 100,
      ...{
        fieldSize: MAX_FIELD_BYTES,
        fieldNameSize: 500,
        headerPairs: 100,
        fieldNestingDepth: 8,
        fieldArrayIndexLimit: 1000,
      },
    },
    streamHandler: (_, parser) => {
      reading.feed(parser, boundary);
    },
  });
  const context = { req: reading.source, res: exchange.res, request: {} as { files?: unknown } };
  try {
    await upload.any()(context, () => Promise.resolve());
  } catch (error) {
    throw multipartError(reading.cause ?? error);
  } finally {
    await reading.close();
  }
  const files = (context.request.files ?? []) as readonly Received<T>[];
  if (files.length === 0) throw new FleetError('NO_FILE', 'The request has no file in it.');
  return files.map((file) => file.received);
}

interface Received<T> {
  readonly received: T;
}

/** What multer uses of a request. `readable: false` keeps it from draining. */
class RequestStandIn extends EventEmitter {
  readonly headers: IncomingMessage['headers'];
  readonly readable = false;
  readonly destroyed = false;
  readableEnded = false;
  body: { id?: unknown } = {};

  constructor(headers: IncomingMessage['headers']) {
    super();
    this.headers = headers;
  }

  unpipe(): void {
    // The feeding stops by itself when multer is done.
  }

  resume(): void {
    // Draining is the error exit's business, with its limits.
  }
}

class MultipartReading<T> {
  readonly source: RequestStandIn;
  /** The first failure of a file, which multer's own error may hide. */
  cause: unknown;
  readonly #request: IncomingMessage;
  readonly #handler: MultipartHandler<T>;
  readonly #refused = new AbortController();
  readonly #progress = new EventEmitter();
  #openFiles = 0;
  #skippedBytes = 0;
  #feeding: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(request: IncomingMessage, handler: MultipartHandler<T>) {
    this.#request = request;
    this.#handler = handler;
    this.source = new RequestStandIn(request.headers);
  }

  feed(parser: Writable, boundary: string): void {
    this.#feeding = this.#pump(parser, new PartNameRewriter(boundary)).catch((error: unknown) => {
      this.source.emit('error', error);
    });
  }

  /** Ends the feeding and waits until no file is being received; the request itself stays open for the answer. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#refused.abort(REFUSED);
    this.#progress.emit('change');
    await this.#feeding;
    while (this.#openFiles > 0) await once(this.#progress, 'change');
  }

  _handleFile(_: unknown, file: MulterFile, callback: (error: unknown, info?: Received<T>) => void): void {
    this.#openFiles += 1;
    const part = { originalName: unpackName(file.originalname), id: this.#takeId() };
    void this.#receive(file.stream, part)
      .then(
        (received) => {
          callback(null, { received });
        },
        (error: unknown) => {
          this.cause ??= error;
          this.#refused.abort(REFUSED);
          callback(error);
        },
      )
      .finally(() => {
        this.#openFiles -= 1;
        this.#progress.emit('change');
      });
  }

  _removeFile(_: unknown, file: Received<T>, callback: (error: unknown) => void): void {
    this.#handler.discard(file.received).then(() => {
      callback(null);
    }, callback);
  }

  async #receive(stream: Readable, part: SentPart): Promise<T> {
    // Without a listener a stream that is cut off while nobody reads would end the process.
    stream.on('error', () => undefined);
    try {
      if (this.#refused.signal.aborted)
        throw new FleetError('BODY_MALFORMED', 'The request was refused before this file.');
      // multer takes a stream that is destroyed half-way, as `for await` does by default, for a failed request.
      return await this.#handler.receive(new StreamChunks(stream), part, this.#refused.signal);
    } finally {
      stream.on('data', (chunk: Buffer) => {
        this.#skip(chunk.length);
      });
      stream.resume();
    }
  }

  #skip(bytes: number): void {
    this.#skippedBytes += bytes;
    if (this.#skippedBytes <= MAX_SKIPPED_BYTES || this.cause !== undefined) return;
    this.cause = new FleetError('FILE_TOO_LARGE', 'The request goes on too long after a file that was refused.');
    this.source.emit('error', this.cause);
  }

  #takeId(): string | undefined {
    const { id } = this.source.body;
    delete this.source.body.id;
    if (id === undefined || typeof id === 'string') return id;
    return JSON.stringify(id);
  }

  async #pump(parser: Writable, rewriter: PartNameRewriter): Promise<void> {
    const onGone = (): void => {
      // A request closes after its end, too.
      if (this.#request.readableEnded) return;
      this.#refused.abort(REFUSED);
      this.#progress.emit('change');
      this.source.emit('error', new FleetError('BODY_MALFORMED', 'The client went away.'));
    };
    this.#request.once('close', onGone);
    parser.on('drain', () => this.#progress.emit('change'));
    try {
      for await (const chunk of new StreamChunks(this.#request)) {
        for (const bytes of rewriter.push(chunk as Buffer)) parser.write(bytes);
        await this.#roomIn(parser);
        if (this.#isClosed) return;
      }
      for (const bytes of rewriter.end()) parser.write(bytes);
      this.source.readableEnded = true;
      parser.end();
    } finally {
      this.#request.off('close', onGone);
    }
  }

  async #roomIn(parser: Writable): Promise<void> {
    while (!this.#isClosed && (parser.writableNeedDrain || this.#openFiles >= MAX_OPEN_FILES)) {
      await once(this.#progress, 'change');
    }
  }
}
