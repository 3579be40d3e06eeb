import type { Context } from 'koa';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { Gate } from '@imagefleet/shared/node/gate.ts';
import type { Ingest, ReceivedImage } from '#services/ingest.ts';
import type { FreeSpaceFloor } from '#store/free-space-floor.ts';
import { readMultipart, type MultipartHandler, type SentPart } from './multipart.ts';

export type ReceivedFile =
  { readonly received: ReceivedImage } | { readonly originalName: string; readonly error: FleetError };

export interface UploadReceptionDeps {
  readonly ingest: Pick<Ingest, 'receive' | 'discard'>;
  readonly floor: Pick<FreeSpaceFloor, 'assertRoomFor'>;
  readonly gate: Gate;
  readonly maxFiles: number;
  /** Throws SHUTTING_DOWN when no uploads are taken any more. */
  readonly assertOpen: () => void;
  readonly onReceived: (sizeBytes: number) => void;
}

/** Failures that say something about this server, not about one file: they refuse the whole request. */
const REQUEST_WIDE = new Set(['DISK_FULL', 'IO_FAILED', 'INTERNAL', 'SHUTTING_DOWN', 'BODY_MALFORMED']);

/** The way of an upload's body into the tmp area: a place in the gate, room on the disk, then file by file. */
export class UploadReception {
  readonly #deps: UploadReceptionDeps;

  constructor(deps: UploadReceptionDeps) {
    this.#deps = deps;
  }

  /** Runs `work` with a place in the gate, when the disk has room for what the request announces. */
  async admit<T>(ctx: Context, work: () => Promise<T>): Promise<T> {
    this.#deps.assertOpen();
    return this.#deps.gate.run(async () => {
      await this.#deps.floor.assertRoomFor(announcedBytes(ctx));
      return work();
    });
  }

  /**
   * Receives every file and hands them to `work` in the order sent; from there on they are its own. With `refuse: 'all'`
   * the first bad file refuses the request, with 'each' it keeps its place with its error.
   */
  async receive<T>(
    ctx: Context,
    options: { readonly refuse: 'all' | 'each' },
    work: (files: readonly ReceivedFile[]) => Promise<T>,
  ): Promise<T> {
    return this.admit(ctx, async () => {
      const files = await readMultipart(ctx, this.#handler(options.refuse === 'each'));
      return work(files);
    });
  }

  #handler(isEach: boolean): MultipartHandler<ReceivedFile> {
    const { ingest, maxFiles, onReceived } = this.#deps;
    return {
      maxFiles,
      receive: async (source, part: SentPart, signal) => {
        // Ids belong to the new API; an old client's field of that name means nothing.
        const sent = { originalName: part.originalName, ...(isEach && { id: part.id }), signal };
        try {
          const received = await ingest.receive(source, sent);
          onReceived(received.staged.sizeBytes);
          return { received };
        } catch (error) {
          if (!isEach || !(error instanceof FleetError) || REQUEST_WIDE.has(error.code)) throw error;
          return { originalName: part.originalName, error };
        }
      },
      discard: async (file) => {
        if ('received' in file) await ingest.discard(file.received);
      },
    };
  }
}

function announcedBytes(ctx: Context): number {
  const announced = Number(ctx.get('Content-Length'));
  return Number.isSafeInteger(announced) && announced > 0 ? announced : 0;
}
