import type { Context, Middleware } from 'koa';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { Role } from '@imagefleet/shared/common/operator/operator-api.ts';
import type { ConsoleSessions } from '#services/console-sessions.ts';
import { keyWrong, type KeyHolder } from '#services/key-holder.ts';
import { assertRole, bearerKey, keyMissing, type Gatekeeper } from './auth.ts';
import { assertNoStranger, assertOwnPage, isSafeMethod } from './own-origin.ts';
import type { SessionCookie } from './session-cookie.ts';

/** Who sends a request to the API, and how that is known. */
export type Caller =
  /** No key is configured. */
  | { readonly by: 'anybody' }
  | { readonly by: 'key'; readonly holder: KeyHolder }
  /** `expiresAt`: end of the session. */
  | { readonly by: 'session'; readonly holder: KeyHolder; readonly expiresAt: number };

export interface AccessDeps {
  readonly gatekeeper: Gatekeeper;
  /** Start of this server's links, where it has some. */
  readonly publicUrl?: string;
  /** Without it only keys are taken. */
  readonly console?: { readonly sessions: Pick<ConsoleSessions, 'find'>; readonly cookie: SessionCookie };
}

/** The way into API v1: a key, or the cookie of a session at the console. */
export class Access {
  readonly #deps: AccessDeps;

  constructor(deps: AccessDeps) {
    this.#deps = deps;
  }

  /** Throws KEY_MISSING, KEY_WRONG, ROLE_MISSING; for a cookie SESSION_MISSING, ORIGIN_FOREIGN. */
  admit(ctx: Context, role: Role): void {
    const caller = this.caller(ctx);
    if (caller === undefined) throw keyMissing();
    if (caller.by !== 'anybody') assertRole(caller.holder, role);
  }

  /** Undefined when the request has neither key nor cookie. Throws KEY_WRONG, SESSION_MISSING, ORIGIN_FOREIGN. */
  caller(ctx: Context): Caller | undefined {
    const { gatekeeper } = this.#deps;
    if (gatekeeper.isOpen) return { by: 'anybody' };
    const key = bearerKey(ctx.get('Authorization'));
    if (key === undefined) return this.#callerByCookie(ctx);
    // A key was shown on purpose: no cookie that comes along may say otherwise.
    const holder = gatekeeper.holderOfKey(key);
    if (holder === undefined) throw keyWrong();
    return { by: 'key', holder };
  }

  #callerByCookie(ctx: Context): Caller | undefined {
    const { gatekeeper, publicUrl, console } = this.#deps;
    const id = console?.cookie.read(ctx);
    if (console === undefined || id === undefined) return undefined;
    // The cookie comes along by itself, whoever made the browser send this; SameSite alone trusts every host of the site.
    if (!isSafeMethod(ctx.method)) assertOwnPage(ctx, publicUrl);
    const session = console.sessions.find(id);
    // Its roles are those that the key has now; without the key it is over.
    const holder = session && gatekeeper.holderOfFingerprint(session.keyFingerprint);
    if (session === undefined || holder === undefined) throw sessionMissing();
    return { by: 'session', holder, expiresAt: session.expiresAt };
  }
}

/**
 * Where no key is configured, everything that reaches this machine is obeyed, and a page of any web site reaches it
 * through the browser of whoever looks at it. So what changes something is refused from such pages; do.ashx changes
 * something by GET, too. With a key nothing is done here: pages do not know it.
 */
export function refuseStrangers(gatekeeper: Gatekeeper, publicUrl?: string): Middleware {
  return async (ctx, next) => {
    const changes = !isSafeMethod(ctx.method) || /^\/do\.ashx\/?$/i.test(ctx.path);
    if (gatekeeper.isOpen && changes) assertNoStranger(ctx, publicUrl);
    await next();
  };
}

/** 401 for whoever comes without a session, or with one that is over. */
export function sessionMissing(): FleetError {
  return new FleetError('SESSION_MISSING', 'Nobody is logged in here, or the session is over.');
}
