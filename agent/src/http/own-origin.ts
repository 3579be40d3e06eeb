import type { Context } from 'koa';
import { isLoopbackHost } from '@imagefleet/shared/common/config/listen-address.ts';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';

/** Methods that change nothing (RFC 9110, 9.2.1). */
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

export function isSafeMethod(method: string): boolean {
  return SAFE_METHODS.has(method);
}

/**
 * The origin (RFC 6454) at which the caller reached this server; undefined when its Host is none. The proxy's word for
 * the scheme is believed from anybody: a page of another site cannot send that header unasked, and all others have no
 * cookie to misuse. Without the header the address of the configuration tells, where the host is the same.
 */
export function ownOrigin(ctx: Context, publicUrl?: string): string | undefined {
  const host = ctx.get('Host').toLowerCase();
  const forwarded = /^\s*(https?)\s*(?:,|$)/i.exec(ctx.get('X-Forwarded-Proto'))?.[1]?.toLowerCase();
  const configured = publicUrl === undefined ? undefined : new URL(publicUrl);
  const scheme = forwarded ?? (configured?.host === host ? configured.protocol.slice(0, -1) : ctx.protocol);
  const text = `${scheme}://${host}`;
  if (!/^[a-z0-9._:[\]-]+$/.test(host) || !URL.canParse(text)) return undefined;
  return new URL(text).origin;
}

/** Throws ORIGIN_FOREIGN unless a page of this very server sends the request, which its browser then says in `Origin`. */
export function assertOwnPage(ctx: Context, publicUrl?: string): void {
  if (ctx.get('Origin') === '') throw foreign('The request has a cookie and does not say from which page it comes.');
  assertNoForeignPage(ctx, publicUrl);
}

/** Throws ORIGIN_FOREIGN when the page of another site sends the request; programs, which have no page, pass. */
export function assertNoForeignPage(ctx: Context, publicUrl?: string): void {
  const origin = ctx.get('Origin');
  const isOther = origin !== '' && origin !== ownOrigin(ctx, publicUrl);
  // Where the browser adds its own judgement (W3C Fetch Metadata), the two must not contradict each other.
  if (isOther || /^(?:cross-site|same-site)$/.test(ctx.get('Sec-Fetch-Site'))) {
    throw foreign('The request comes from the page of another site.');
  }
}

/**
 * The same where no key protects the server. There a page may also have got the own origin by a name of its own that it
 * let lead to this machine (DNS rebinding), so that a browser's request must name a host that is known.
 */
export function assertNoStranger(ctx: Context, publicUrl?: string): void {
  assertNoForeignPage(ctx, publicUrl);
  if (ctx.get('Origin') === '') return;
  const { hostname } = new URL(ownOrigin(ctx, publicUrl) ?? 'http://unknown.invalid');
  const isKnown = isLoopbackHost(hostname) || (publicUrl !== undefined && new URL(publicUrl).hostname === hostname);
  if (!isKnown) throw foreign('The page was reached by a name that is not of this server.');
}

function foreign(message: string): FleetError {
  return new FleetError('ORIGIN_FOREIGN', message);
}
