import { linkLine, type LinkChoice } from '@imagefleet/shared/common/links/link-formats.ts';
import type { FleetImage, UploadItem } from './upload-item.ts';

/** Files that are in the fleet. */
type LinkedItem = UploadItem & { readonly image: FleetImage };

export function linkedItems(items: Iterable<UploadItem>): readonly LinkedItem[] {
  const linked: LinkedItem[] = [];
  for (const item of items) if (item.image !== null) linked.push({ ...item, image: item.image });
  return linked;
}

/** One line for each file. */
export function linkText(items: readonly LinkedItem[], choice: LinkChoice): string {
  return items.map((item) => linkLine({ ...item, link: item.image.link }, choice)).join('\n');
}
