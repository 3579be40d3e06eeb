import type Router from '@koa/router';
import type { Context } from 'koa';
import { parseUrlPath } from '@imagefleet/shared/common/image/image-path.ts';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { Acknowledged, Acknowledger, NamedOutcome } from '#services/acknowledge.ts';
import { parseAck, type AckWish } from '#services/await-ack.ts';
import type { Ingest } from '#services/ingest.ts';
import type { PutNamed } from '#services/put-named.ts';
import type { Access } from '../access.ts';
import { clientGone } from '../client-gone.ts';
import { StreamChunks } from '../stream-chunks.ts';
import type { ReceivedFile, UploadReception } from '../upload-reception.ts';

export interface ImageRoutesDeps {
  readonly access: Access;
  readonly reception: UploadReception;
  readonly ingest: Pick<Ingest, 'store'>;
  readonly putNamed: Pick<PutNamed, 'put'>;
  readonly acknowledger: Acknowledger;
  /** Servers in the fleet, this one included. */
  readonly fleetSize: () => number;
}

const IMAGES = '/api/v1/images';

/** The two uploads of HTTP API v1: new images by multipart, and one image under the caller's own path. */
export function imageRoutes(router: Router, deps: ImageRoutesDeps): void {
  router.post(IMAGES, async (ctx) => {
    deps.access.admit(ctx, 'upload');
    const wish = readWish(ctx, deps.fleetSize());
    const signal = clientGone(ctx.res);
    // The place in the gate ends here: copies may take minutes, and other uploads need none of what this one held.
    const stored = await deps.reception.receive(ctx, { refuse: 'each' }, (files) =>
      deps.acknowledger.store(wish, () => storeEach(deps, files)),
    );
    sendReceipt(ctx, await deps.acknowledger.answer(stored, wish, signal));
  });
  router.put(`${IMAGES}/*path`, async (ctx) => {
    deps.access.admit(ctx, 'upload');
    const path = parseUrlPath(ctx.path.slice(IMAGES.length));
    const overwrite = readFlag(ctx, 'overwrite');
    const wish = readWish(ctx, deps.fleetSize());
    const signal = clientGone(ctx.res);
    const stored = await deps.reception.admit(ctx, () =>
      deps.acknowledger.store(wish, async () => {
        const body = new StreamChunks(ctx.req);
        const outcome = await deps.putNamed.put(path, body, { overwrite, signal });
        return [{ originalName: outcome.record.originalName, outcome }];
      }),
    );
    sendReceipt(ctx, await deps.acknowledger.answer(stored, wish, signal));
  });
}

/** Stores what was received and puts each file's outcome back into its place. */
async function storeEach(deps: ImageRoutesDeps, files: readonly ReceivedFile[]): Promise<NamedOutcome[]> {
  const received = files.flatMap((file) => ('received' in file ? [file.received] : []));
  const stored = (await deps.ingest.store(received)).values();
  return files.map((file) => {
    if ('error' in file) return { originalName: file.originalName, outcome: { error: file.error } };
    const outcome = stored.next().value ?? { error: new FleetError('INTERNAL', 'A file got no outcome.') };
    return { originalName: file.received.originalName, outcome };
  });
}

/** 201; 202 when the wished copies are not all there yet; 207 when some files were refused; a lone refused file is the error itself. */
function sendReceipt(ctx: Context, { images, isReached, errors }: Acknowledged): void {
  const [only] = errors;
  if (only !== undefined && images.length === 1) throw only;
  ctx.status = errors.length > 0 ? 207 : isReached ? 201 : 202;
  ctx.set('Cache-Control', 'no-store');
  ctx.body = { images };
}

function readWish(ctx: Context, fleetSize: number): AckWish {
  return parseAck({ ack: lastOf(ctx.query['ack']), wait: lastOf(ctx.query['wait']) }, fleetSize);
}

function readFlag(ctx: Context, name: string): boolean {
  const value = lastOf(ctx.query[name]);
  if (value === undefined || value === 'false') return false;
  if (value === 'true' || value === '') return true;
  throw new FleetError('INPUT_INVALID', `${name} is true or false.`);
}

function lastOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.at(-1) : value;
}
