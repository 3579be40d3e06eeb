import { PAGE_URL } from './app-protocol.ts';

/**
 * What every window of the app is opened with, by Electron's security checklist: the page has no Node, a world of its own, and
 * a sandbox around it. A test compares it with what the window was opened with.
 */
export const SAFE_WEB_PREFERENCES = {
  sandbox: true,
  contextIsolation: true,
  nodeIntegration: false,
  nodeIntegrationInWorker: false,
  nodeIntegrationInSubFrames: false,
  webviewTag: false,
  webSecurity: true,
  allowRunningInsecureContent: false,
  experimentalFeatures: false,
  spellcheck: false,
  // A list of uploads goes on being drawn behind other windows only when somebody looks.
  backgroundThrottling: true,
} as const;

/** Whether a page may go there by itself: only to itself, which is what loading it again is. */
export function mayNavigate(address: string): boolean {
  const url = URL.parse(address);
  return url !== null && `${url.protocol}//${url.host}${url.pathname}` === PAGE_URL;
}

/**
 * Whether a link may go to the system's browser: http or https, and a host of the fleet. Ports may differ, because images are
 * often served by another program on the same machine. Anything else could start a program.
 */
export function mayOpen(link: string, servers: readonly string[]): boolean {
  const url = URL.parse(link);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') return false;
  return servers.some((server) => URL.parse(server)?.hostname === url.hostname);
}
