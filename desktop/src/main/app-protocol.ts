import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { linkOf, parseUrlPath } from '@imagefleet/shared/common/image/image-path.ts';
import { isAppAddress } from './trusted-sender.ts';

/** What the window shows: the console's page as it was built. */
export const PAGE_URL = 'app://ui/console/desktop.html';
const CONSOLE = '/console/';
const IMAGE = '/image/';
const PAGE = 'index.html';
/** One name in one folder, undecoded: what could lead elsewhere is none. */
const NAME = /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/;
const MAX_DEPTH = 3;
const IMAGE_TIMEOUT_MS = 30_000;

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
};

/** Nothing from elsewhere, nothing inline, no frames. `blob:` and `data:` are pictures that the page has made itself. */
export const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; font-src 'self'; " +
  "connect-src 'self'; worker-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'";

const HEADERS = {
  'Content-Security-Policy': CONTENT_SECURITY_POLICY,
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
} as const;

export interface AppProtocolDeps {
  /** The built console, and nothing but what may be seen. */
  readonly consoleDir: string;
  /** Start of the address of the server whose images are shown; null while none is known. */
  readonly imageServer: () => Promise<string | null>;
  readonly fetch: (
    url: string,
    init: { readonly signal: AbortSignal; readonly redirect: 'error' },
  ) => Promise<Response>;
}

/**
 * Answers `app://ui/…`: below `/console/` the files of the built console, below `/image/` images of the fleet by their path.
 * Everything else is 404. Never rejects.
 */
export async function serveApp(request: Request, deps: AppProtocolDeps): Promise<Response> {
  if (!isAppAddress(request.url)) return refuse(404);
  if (request.method !== 'GET') return refuse(405);
  const { pathname } = new URL(request.url);
  if (pathname.startsWith(CONSOLE)) return sendFile(deps.consoleDir, pathname.slice(CONSOLE.length) || PAGE);
  if (pathname.startsWith(IMAGE)) return sendImage(pathname.slice(IMAGE.length - 1), deps, request.signal);
  return refuse(404);
}

async function sendFile(folder: string, path: string): Promise<Response> {
  const names = path.split('/');
  const type = TYPES[extname(path)];
  if (type === undefined || names.length > MAX_DEPTH || !names.every((name) => NAME.test(name))) return refuse(404);
  try {
    const bytes = await readFile(join(folder, ...names));
    return new Response(bytes, { headers: { ...HEADERS, 'Content-Type': type } });
  } catch {
    // Whatever the reason, the page has no such file; the bundle is whole or the app would not have started.
    return refuse(404);
  }
}

/** Only what is a path of an image: nothing else of a server can be reached through here. */
async function sendImage(
  path: string,
  { imageServer, fetch }: AppProtocolDeps,
  signal: AbortSignal,
): Promise<Response> {
  try {
    const server = await imageServer();
    if (server === null) return refuse(503);
    const limit = AbortSignal.any([signal, AbortSignal.timeout(IMAGE_TIMEOUT_MS)]);
    const answer = await fetch(linkOf(server, parseUrlPath(path)), { signal: limit, redirect: 'error' });
    const type = answer.headers.get('Content-Type') ?? '';
    if (!answer.ok || !type.startsWith('image/')) {
      await answer.body?.cancel();
      return refuse(answer.ok ? 502 : answer.status);
    }
    // What lies on a server is nobody's page, should it ever be opened as one.
    const headers = { ...HEADERS, 'Content-Security-Policy': "default-src 'none'; sandbox", 'Content-Type': type };
    return new Response(answer.body, { headers });
  } catch {
    // A picture that cannot be fetched is drawn as one that is missing; how the servers are is told elsewhere.
    return refuse(502);
  }
}

function refuse(status: number): Response {
  return new Response(null, { status, headers: HEADERS });
}
