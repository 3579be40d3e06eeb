/** Who sent a message, as Electron tells it: `url` of the frame, null when the frame is gone. */
export interface Sender {
  readonly url: string | null;
  readonly isMainFrame: boolean;
}

/** The scheme and the host of the console's own pages. */
export const APP_SCHEME = 'app';
export const APP_HOST = 'ui';

/**
 * Whether this is a page of ours in a window of ours. The address is parsed: one that merely begins like ours is another one
 * (Electron's security checklist, sender of IPC messages).
 */
export function isTrusted({ url, isMainFrame }: Sender): boolean {
  return isMainFrame && url !== null && isAppAddress(url);
}

/** `app://ui/…` and nothing else: no other host, no port, no user. */
export function isAppAddress(address: string): boolean {
  const url = URL.parse(address);
  if (url === null) return false;
  const { protocol, hostname, port, username, password } = url;
  return protocol === `${APP_SCHEME}:` && hostname === APP_HOST && port === '' && username === '' && password === '';
}
