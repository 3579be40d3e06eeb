import { fillTemplate, formatLink, type TextFormat } from '#console/ui/link-formats.ts';
import type { FleetImage, UploadItem } from './upload-item.ts';

export interface LinkChoice {
  readonly format: TextFormat;
  readonly template: string;
}

/** Files that are in the fleet. */
type LinkedItem = UploadItem & { readonly image: FleetImage };

export function linkedItems(items: Iterable<UploadItem>): readonly LinkedItem[] {
  const linked: LinkedItem[] = [];
  for (const item of items) if (item.image !== null) linked.push({ ...item, image: item.image });
  return linked;
}

/** One line for each file. */
export function linkText(items: readonly LinkedItem[], { format, template }: LinkChoice): string {
  return items
    .map(({ name, path, sizeBytes, sha256, image: { link } }) =>
      format === 'template'
        ? fillTemplate(template, { link, name, path, sha256: sha256 ?? '', size: String(sizeBytes) })
        : formatLink(format, { link, name }),
    )
    .join('\n');
}
