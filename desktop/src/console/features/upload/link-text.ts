import { formatLink, LINK_FORMATS, type LinkFormat } from '#console/ui/link-formats.ts';
import type { FleetImage, UploadItem } from './upload-item.ts';

export const TEXT_FORMATS = [...LINK_FORMATS, 'template'] as const satisfies readonly string[];
export type TextFormat = LinkFormat | 'template';
/** What a template may name, each in braces. */
export const TEMPLATE_FIELDS = ['link', 'name', 'path', 'sha256', 'size'] as const;
export const DEFAULT_TEMPLATE = '{name}: {link}';

export interface LinkChoice {
  readonly format: TextFormat;
  readonly template: string;
}

/** Files that are in the fleet. */
export type LinkedItem = UploadItem & { readonly image: FleetImage };

export function linkedItems(items: Iterable<UploadItem>): readonly LinkedItem[] {
  const linked: LinkedItem[] = [];
  for (const item of items) if (item.image !== null) linked.push({ ...item, image: item.image });
  return linked;
}

/** One line for each file. */
export function linkText(items: readonly LinkedItem[], { format, template }: LinkChoice): string {
  if (format === 'template') return items.map((item) => filled(template, item)).join('\n');
  return items.map(({ name, image }) => formatLink(format, { link: image.link, name })).join('\n');
}

/** Braces around other words stay as they are. What stands in a name is never filled in again. */
function filled(template: string, { name, sizeBytes, path, sha256, image }: LinkedItem): string {
  const values: Readonly<Record<(typeof TEMPLATE_FIELDS)[number], string>> = {
    ...{ link: image.link, name, path, sha256: sha256 ?? '', size: String(sizeBytes) },
  };
  const fields = new RegExp(`\\{(${TEMPLATE_FIELDS.join('|')})\\}`, 'g');
  return template.replace(fields, (_all, field: keyof typeof values) => values[field].replace(/\s+/g, ' '));
}
