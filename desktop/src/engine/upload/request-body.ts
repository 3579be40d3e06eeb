import { basename } from 'node:path';
import { Readable } from 'node:stream';
import FormData from 'form-data';
import type { SentItem } from '#engine/queue/upload-ports.ts';
import { readFile, SentFileError, type TakeBytes } from './sent-file.ts';

/** form-data hands itself such a function's stream when its turn comes. */
type NextStream = (hand: (stream: Readable) => void) => void;

/**
 * The form of one request: before each file a part with its id. One file is open at a time, whatever the request has of
 * them, and the length is known from the start because a file that has another one than it was queued with fails.
 */
export class RequestBody {
  readonly form = new FormData();
  readonly #closed = new AbortController();
  readonly #take: TakeBytes;
  readonly #onBytes: (key: number, bytes: number) => void;
  #stream: Readable | undefined;
  #failure: SentFileError | undefined;

  constructor(
    items: readonly SentItem[],
    options: { readonly take: TakeBytes; readonly onBytes: (key: number, bytes: number) => void },
  ) {
    this.#take = options.take;
    this.#onBytes = options.onBytes;
    for (const item of items) {
      this.form.append('id', item.id);
      const next: NextStream = (hand) => hand(this.#open(item));
      this.form.append('file', next, {
        filename: basename(item.file),
        // The server reads the type from the bytes.
        contentType: 'application/octet-stream',
        knownLength: item.sizeBytes,
      });
    }
  }

  /** The file that spoiled the request. */
  get failure(): SentFileError | undefined {
    return this.#failure;
  }

  /** Closes the file that is open. */
  close(): void {
    this.#closed.abort();
    this.#stream?.destroy();
  }

  #open(item: SentItem): Readable {
    this.#stream = Readable.from(this.#bytesOf(item), { objectMode: false });
    return this.#stream;
  }

  async *#bytesOf(item: SentItem): AsyncGenerator<Buffer, void> {
    try {
      for await (const bytes of readFile(item, this.#take, this.#closed.signal)) {
        this.#onBytes(item.key, bytes.length);
        yield bytes;
      }
    } catch (error) {
      if (error instanceof SentFileError) this.#failure ??= error;
      throw error;
    }
  }
}
