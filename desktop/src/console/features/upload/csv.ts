import { UPLOAD_TABLE_START, uploadTableLine } from '@imagefleet/shared/common/links/upload-table.ts';
import type { UploadItem } from './upload-item.ts';

/** Every file of the queue as a table, whatever became of it. */
export function csvOf(items: Iterable<UploadItem>): string {
  return UPLOAD_TABLE_START + Array.from(items, uploadTableLine).join('');
}
