import { readFile } from 'node:fs/promises';
import { hash } from 'node:crypto';
import { join } from 'node:path';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';

export interface ConsoleRoutesDeps {
  /** Folder of the built console: index.html and assets/. It need not exist. */
  readonly consoleDir: string;
}

export const CONSOLE_PATH = '/console';
const ASSETS = `${CONSOLE_PATH}/assets`;
/** Where the old upload program had its web page. */
const LEGACY_PAGE = '/.m/upload.aspx';
/** One name in one folder: what could lead elsewhere is none. Compared with the path as it was sent, undecoded. */
const ASSET_NAME = /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/;
const IMMUTABLE = 'public, max-age=31536000, immutable';
/** Made beside the files when the console is built, best first. */
const COMPRESSED = [
  { encoding: 'br', suffix: '.br' },
  { encoding: 'gzip', suffix: '.gz' },
] as const;

const ABSENT: ReadonlySet<unknown> = new Set(['ENOENT', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG']);

const HEADERS = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; font-src 'self'; " +
    "connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'",
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  Vary: 'Accept-Encoding',
} as const;

/** The operator's console in the browser: one page, and assets whose names change with their content. */
export function consoleRoutes(router: Router, { consoleDir }: ConsoleRoutesDeps): void {
  const sendPage = async (ctx: Context): Promise<void> => {
    const page = await findVariant(ctx, join(consoleDir, 'index.html'));
    if (page === undefined) throw new FleetError('CONSOLE_MISSING', 'The console is not installed on this server.');
    sendFile(ctx, page, { type: 'html', caching: 'no-cache' });
  };
  router.get(CONSOLE_PATH, sendPage);
  router.get(LEGACY_PAGE, sendPage);
  router.get(`${ASSETS}/*name`, async (ctx) => {
    const name = ctx.path.slice(ASSETS.length + 1);
    const asset = ASSET_NAME.test(name) ? await findVariant(ctx, join(consoleDir, 'assets', name)) : undefined;
    if (asset === undefined) throw new FleetError('NOT_FOUND', 'The console has no such file.');
    sendFile(ctx, asset, { type: name.slice(name.lastIndexOf('.') + 1), caching: IMMUTABLE });
  });
}

interface Variant {
  readonly bytes: Buffer;
  readonly encoding?: string;
}

/** The file in the best form that the client takes. Whole in memory: they are small, and few people ask for them. */
async function findVariant(ctx: Context, file: string): Promise<Variant | undefined> {
  for (const { encoding, suffix } of COMPRESSED) {
    if (ctx.acceptsEncodings(encoding) === false) continue;
    const bytes = await readOrNothing(`${file}${suffix}`);
    if (bytes !== undefined) return { bytes, encoding };
  }
  const bytes = await readOrNothing(file);
  return bytes && { bytes };
}

function sendFile(
  ctx: Context,
  { bytes, encoding }: Variant,
  { type, caching }: { readonly type: string; readonly caching: string },
): void {
  ctx.status = 200;
  ctx.set({ ...HEADERS, 'Cache-Control': caching, ETag: `"${hash('sha256', bytes, 'base64url')}"` });
  if (encoding !== undefined) ctx.set('Content-Encoding', encoding);
  if (ctx.fresh) {
    ctx.status = 304;
    return;
  }
  ctx.body = bytes;
  ctx.type = type;
}

async function readOrNothing(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    // A name that is too long for the disk is one of no file, and anybody may ask for it.
    if (ABSENT.has(code)) return undefined;
    throw new FleetError('IO_FAILED', 'A file of the console cannot be read.', { cause: error });
  }
}
