import { basename } from 'node:path';
import { linkLine, type LinkChoice } from '@imagefleet/shared/common/links/link-formats.ts';
import { UPLOAD_TABLE_START, uploadTableLine } from '@imagefleet/shared/common/links/upload-table.ts';
import type { QueueItem } from '#engine/queue/queue-item.ts';
import type { UploadQueueStore } from '#engine/queue/upload-queue-store.ts';
import { writeExport } from './export-file.ts';
import { queuePages } from './queue-pages.ts';

type Pages = Pick<UploadQueueStore, 'page'>;

export interface LinksText {
  /** One line for each file, without an end behind the last one. */
  readonly text: string;
  readonly lines: number;
  /** False: there are more than were asked for. */
  readonly isWhole: boolean;
}

/**
 * The links of the files that are in the fleet, in the order in which they were added, a page at a time; each line without its
 * end. Errors: those of the queue, and what `signal` was aborted with.
 */
export async function* linksOf(
  store: Pages,
  { choice, signal }: { readonly choice: LinkChoice; readonly signal: AbortSignal },
): AsyncGenerator<readonly string[], void, undefined> {
  for await (const items of queuePages(store, { signal })) {
    yield items.flatMap((item) => {
      const { image, file, path, sizeBytes, sha256 } = item;
      if (!isInFleet(item) || image === null) return [];
      return [linkLine({ link: image.link, name: basename(file), path, sizeBytes, sha256 }, choice)];
    });
  }
}

/** The first `limit` links as one text, for the clipboard. Errors as `linksOf`. */
export async function linksText(
  store: Pages,
  options: { readonly choice: LinkChoice; readonly limit: number; readonly signal: AbortSignal },
): Promise<LinksText> {
  const lines: string[] = [];
  for await (const page of linksOf(store, options)) {
    lines.push(...page);
    if (lines.length > options.limit) break;
  }
  const told = lines.slice(0, options.limit);
  return { text: told.join('\n'), lines: told.length, isWhole: told.length === lines.length };
}

/** All links into a file; answers how many. Errors: those of `writeExport` and `linksOf`. */
export function writeLinks(
  store: Pages,
  options: { readonly choice: LinkChoice; readonly file: string; readonly signal: AbortSignal },
): Promise<number> {
  const lines = async function* (): AsyncGenerator<readonly string[]> {
    for await (const page of linksOf(store, options)) yield page.map((line) => `${line}\n`);
  };
  return writeExport(options.file, lines());
}

/**
 * Every file of the queue, whatever became of it, as a table (CSV) into a file; answers how many files. Errors: those of
 * `writeExport` and of the queue, and what `signal` was aborted with.
 */
export async function writeQueueTable(
  store: Pages,
  { file, signal }: { readonly file: string; readonly signal: AbortSignal },
): Promise<number> {
  const lines = async function* (): AsyncGenerator<readonly string[]> {
    yield [UPLOAD_TABLE_START];
    for await (const items of queuePages(store, { signal })) {
      yield items.map((item) => uploadTableLine({ ...item, name: basename(item.file) }));
    }
  };
  return (await writeExport(file, lines())) - 1;
}

function isInFleet({ state }: QueueItem): boolean {
  return state === 'done' || state === 'present';
}
