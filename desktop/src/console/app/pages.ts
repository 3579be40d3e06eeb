import type { Role } from '@imagefleet/shared/common/operator/operator-api.ts';

/** The pages of the console, in the order of the navigation; each answers one question (docs/console.md). */
export const PAGES = ['upload', 'fleet', 'errors', 'images'] as const;
export type PageName = (typeof PAGES)[number];

/** What a key must allow for a page to be of use. */
export const PAGE_ROLES: Readonly<Record<PageName, Role>> = {
  upload: 'upload',
  fleet: 'read',
  errors: 'operator',
  images: 'read',
};

/** Where the console begins: the first page that the key allows. */
export function startPage(roles: readonly Role[]): PageName {
  return PAGES.find((page) => roles.includes(PAGE_ROLES[page])) ?? PAGES[0];
}

/** `#/fleet` and `#/images?day=2026-03-09` -> page and the rest. */
export interface Place {
  readonly page: PageName;
  readonly query: URLSearchParams;
}

export function placeOf(hash: string): Place | null {
  const [name = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
  const page = PAGES.find((one) => one === name);
  return page === undefined ? null : { page, query: new URLSearchParams(query) };
}

export function hashOf(page: PageName, query: Readonly<Record<string, string>> = {}): string {
  const text = new URLSearchParams(query).toString();
  return `#/${page}${text === '' ? '' : `?${text}`}`;
}
