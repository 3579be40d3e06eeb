import type { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import {
  createUploadTransport,
  UploadPostError,
  type UploadTransport,
  type UploadTransportOptions,
} from '@imagefleet/shared/node/upload-transport.ts';
import type { SendOptions, Sender, SentItem, SentOutcome } from '#engine/queue/upload-ports.ts';
import { readReceipt } from './read-receipt.ts';
import { RequestBody } from './request-body.ts';
import { checkFile, SentFileError, type TakeBytes } from './sent-file.ts';

export interface RequestSenderOptions extends UploadTransportOptions {
  /** Limits the bytes a second; none without it. */
  readonly take?: TakeBytes;
}

/**
 * Sends files over HTTP API v1. A request stands or falls as one body, so a file that fails in the middle ends it: that
 * file has its outcome, and the others are `unsent`. Each such request settles at least one file, so sending the rest
 * again comes to an end.
 */
export class RequestSender implements Sender {
  readonly #transport: UploadTransport;
  readonly #take: TakeBytes;

  constructor(options: RequestSenderOptions) {
    this.#transport = createUploadTransport(options);
    this.#take = options.take ?? (async (bytes) => bytes);
  }

  async send(items: readonly SentItem[], options: SendOptions): Promise<readonly SentOutcome[]> {
    const outcomes = new Map<number, SentOutcome>();
    // Before the first byte: what is gone already costs the others no request.
    await Promise.all(
      items.map(async (item) => {
        try {
          await checkFile(item);
        } catch (error) {
          if (!(error instanceof SentFileError)) throw error;
          outcomes.set(item.key, ofFile(error));
        }
      }),
    );
    const sendable = items.filter(({ key }) => !outcomes.has(key));
    if (sendable.length > 0) {
      for (const outcome of await this.#post(sendable, options)) outcomes.set(outcome.key, outcome);
    }
    return items.flatMap(({ key }) => outcomes.get(key) ?? []);
  }

  close(): void {
    this.#transport.close();
  }

  async #post(items: readonly SentItem[], options: SendOptions): Promise<readonly SentOutcome[]> {
    const { server, signal, onBytes } = options;
    const body = new RequestBody(items, { take: this.#take, onBytes });
    try {
      const answer = await this.#transport.post({ server, form: body.form, signal });
      return readReceipt(items, server, answer);
    } catch (error) {
      if (!(error instanceof UploadPostError)) throw error;
      const { failure } = body;
      return items.map(({ key }) => (failure === undefined ? ofWay(key, error.error) : ofSpoiled(key, failure)));
    } finally {
      body.close();
    }
  }
}

function ofWay(key: number, error: FleetError): SentOutcome {
  return { key, kind: 'lost', error, retryAfterMs: undefined };
}

function ofSpoiled(key: number, failure: SentFileError): SentOutcome {
  return key === failure.key ? ofFile(failure) : { key, kind: 'unsent', maxFiles: undefined };
}

function ofFile({ key, failure }: SentFileError): SentOutcome {
  return { key, kind: 'refused', ...failure };
}
