import type { Role } from '@imagefleet/shared/common/operator/operator-api.ts';

/** The pages of the console, in the order of the navigation; each answers one question (docs/console.md). */
export const PAGES = ['upload', 'fleet', 'errors', 'images', 'settings'] as const;
export type PageName = (typeof PAGES)[number];
const BROWSER_PAGES = PAGES.filter((page) => page !== 'settings');

/** A browser has no settings of its own. */
export function pagesOf(isDesktop: boolean): readonly PageName[] {
  return isDesktop ? PAGES : BROWSER_PAGES;
}

/** What is loaded for a page: Upload has two scripts, `queue` is the one where files lie on a disk that is at hand. */
export type ScriptName = PageName | 'queue';

/** What a key must allow for a page to be of use. */
export const PAGE_ROLES: Readonly<Record<PageName, Role>> = {
  upload: 'upload',
  fleet: 'read',
  errors: 'operator',
  images: 'read',
  // What a key may do is no question of the app's own settings: where there are any, every role is there.
  settings: 'upload',
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
