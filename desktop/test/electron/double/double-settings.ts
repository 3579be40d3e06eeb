/** What the test tells the double by the environment of its process. */
export const DOUBLE_ENV = {
  userData: 'IMAGEFLEET_DOUBLE_USER_DATA',
  chromium: 'IMAGEFLEET_DOUBLE_CHROMIUM',
  locale: 'IMAGEFLEET_DOUBLE_LOCALE',
} as const;

/** Chromium knows no scheme of ours; pages of `app://ui` lie at an address that no network ever sees. */
export function pageAddress(address: string): string {
  return address.replace(/^app:\/\//, 'https://app--');
}

export function appAddress(address: string): string {
  return address.replace(/^https:\/\/app--/, 'app://');
}

export function setting(name: keyof typeof DOUBLE_ENV): string {
  const value = process.env[DOUBLE_ENV[name]];
  if (value === undefined) throw new Error(`the double needs ${DOUBLE_ENV[name]}`);
  return value;
}
