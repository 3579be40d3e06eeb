import { Readable } from 'node:stream';
import { parseImagePath } from '@imagefleet/shared/common/image/image-path.ts';
import type { PresentRecord } from '@imagefleet/shared/common/image/record.ts';
import type { Catalog } from '#store/catalog.ts';
import type { ImageStore, OpenImage } from '#store/image-store.ts';
import { encodeBatch } from '../batch-encoder.ts';
import { StreamedAnswer } from '../streamed-answer.ts';

export interface ServeCopiesDeps {
  readonly catalog: Pick<Catalog, 'findMany'>;
  readonly store: Pick<ImageStore, 'open'>;
}

interface Copy {
  readonly record: PresentRecord;
  readonly open: OpenImage;
}

/**
 * The bytes of images as a batch that is pulled, from this server's own disk only: a question that travelled must not
 * travel on. What is not here whole in exactly that version is left out, and the one who asked sees it missing.
 */
export async function serveCopies(
  items: readonly { readonly path: string; readonly version: string }[],
  { catalog, store }: ServeCopiesDeps,
): Promise<StreamedAnswer> {
  const records = await catalog.findMany(items.map(({ path }) => path));
  const copies: Copy[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(copies.map(({ open }) => open.handle.close()));
  };
  try {
    for (const { path, version } of items) {
      const known = records.get(path);
      if (known?.kind !== 'present' || known.version !== version) continue;
      const { stagingName, ...record } = known;
      const open = await store.open(parseImagePath(path), stagingName);
      if (open === undefined) continue;
      if (open.sizeBytes === record.sizeBytes) copies.push({ record, open });
      else await open.handle.close();
    }
  } catch (error) {
    await close();
    throw error;
  }
  const batch = encodeBatch(
    copies.map(({ record, open }) => ({ record, body: { handle: open.handle, sizeBytes: record.sizeBytes } })),
  );
  const stream = (): Readable => {
    const body = batch.body();
    return body instanceof Readable ? body : Readable.from([body], { objectMode: false });
  };
  return new StreamedAnswer({ head: batch.manifestLine, sizeBytes: batch.sizeBytes, stream, close });
}
