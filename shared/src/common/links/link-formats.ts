/** The forms in which a link to an image is pasted elsewhere. */
export const LINK_FORMATS = ['url', 'markdown', 'html', 'bbcode'] as const;
export type LinkFormat = (typeof LINK_FORMATS)[number];

/** And a form of the operator's own, where there is a place to write it. */
export const TEXT_FORMATS = [...LINK_FORMATS, 'template'] as const;
export type TextFormat = (typeof TEXT_FORMATS)[number];
export const DEFAULT_TEMPLATE = '{name}: {link}';
/** What a template may name, each in braces. */
const TEMPLATE_FIELDS = ['link', 'name', 'path', 'sha256', 'size'] as const;
type TemplateValues = Readonly<Record<(typeof TEMPLATE_FIELDS)[number], string>>;

/** How links are wanted; the template counts only for its own format. */
export interface LinkChoice {
  readonly format: TextFormat;
  readonly template: string;
}

export interface LinkedImage {
  readonly link: string;
  /** As people know it; becomes the text that stands for the image. */
  readonly name: string;
}

/** A file that is in the fleet. */
export interface LinkedFile extends LinkedImage {
  /** As it was added, with its folders. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly sha256: string | null;
}

const FORMS: Readonly<Record<LinkFormat, (image: LinkedImage) => string>> = {
  url: ({ link }) => link,
  markdown: ({ link, name }) => `![${escapeMarkdown(name)}](${inParentheses(link)})`,
  html: ({ link, name }) => `<img src="${escapeHtml(link)}" alt="${escapeHtml(name)}">`,
  bbcode: ({ link }) => `[img]${inBrackets(link)}[/img]`,
};

/** One line; nothing in a name or link can end the form that it stands in. */
export function formatLink(format: LinkFormat, image: LinkedImage): string {
  return FORMS[format](image);
}

/** The line of one file, without its end. */
export function linkLine(file: LinkedFile, { format, template }: LinkChoice): string {
  if (format !== 'template') return formatLink(format, file);
  const { link, name, path, sizeBytes, sha256 } = file;
  return fillTemplate(template, { link, name, path, sha256: sha256 ?? '', size: String(sizeBytes) });
}

/** One line. Braces around other words stay as they are, and what stands in a name is never filled in again. */
function fillTemplate(template: string, values: TemplateValues): string {
  const fields = new RegExp(`\\{(${TEMPLATE_FIELDS.join('|')})\\}`, 'g');
  return template.replace(fields, (_all, field: keyof TemplateValues) => oneLine(values[field]));
}

function escapeHtml(text: string): string {
  return oneLine(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

function escapeMarkdown(text: string): string {
  return oneLine(text).replace(/[\\`*_[\]<>!&]/g, String.raw`\$&`);
}

function inParentheses(link: string): string {
  return link.replace(/[()<>\s\\]/g, percent);
}

function inBrackets(link: string): string {
  return link.replace(/[[\]\s]/g, percent);
}

/** encodeURIComponent leaves parentheses as they are. */
function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ');
}
