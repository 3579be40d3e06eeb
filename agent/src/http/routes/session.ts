import type Router from '@koa/router';
import type { Context } from 'koa';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { ROLES } from '@imagefleet/shared/common/operator/operator-api.ts';
import { API_ROOT } from '@imagefleet/shared/common/operator/operator-route.ts';
import {
  OPTIONAL_SESSION,
  loginInput,
  SESSION_LINKS_PATH,
  SESSION_PATH,
  type LoginInput,
  type LoginLink,
  type SessionAnswer,
  type SessionInfo,
} from '@imagefleet/shared/common/operator/session-schemas.ts';
import type { ConsoleLogin } from '#services/console-login.ts';
import type { ConsoleSessions } from '#services/console-sessions.ts';
import type { LoginLinks } from '#services/login-links.ts';
import { sessionMissing, type Access, type Caller } from '../access.ts';
import { bearerKey, keyMissing, type Gatekeeper } from '../auth.ts';
import { readJsonObject } from '../json-body.ts';
import { assertNoForeignPage, assertOwnPage, ownOrigin } from '../own-origin.ts';
import type { SessionCookie } from '../session-cookie.ts';
import { CONSOLE_PATH } from './console.ts';

export interface SessionRoutesDeps {
  readonly access: Access;
  readonly gatekeeper: Gatekeeper;
  readonly login: ConsoleLogin;
  readonly sessions: Pick<ConsoleSessions, 'end'>;
  readonly loginLinks: Pick<LoginLinks, 'make'>;
  readonly cookie: SessionCookie;
  readonly now: () => number;
  /** The agents of the fleet, this one first. */
  readonly servers: SessionInfo['servers'];
  /** `publicUrl` without a slash at its end. */
  readonly server: { readonly name: string; readonly publicUrl: string };
}

const SESSION = API_ROOT + SESSION_PATH;

/** Login, logout and login links of the console: /api/v1/session. */
export function sessionRoutes(router: Router, deps: SessionRoutesDeps): void {
  router.post(SESSION, async (ctx) => {
    send(ctx, 200, await begin(ctx, deps));
  });
  router.get(SESSION, (ctx) => {
    const caller = deps.access.caller(ctx);
    if (caller === undefined && ctx.get(OPTIONAL_SESSION.name) === OPTIONAL_SESSION.value) {
      send(ctx, 200, { session: null });
      return;
    }
    if (caller === undefined) throw sessionMissing();
    send(ctx, 200, { ...describe(caller, deps), servers: deps.servers } satisfies SessionInfo);
  });
  router.delete(SESSION, async (ctx) => {
    await end(ctx, deps);
    ctx.set('Cache-Control', 'no-store');
    ctx.status = 204;
  });
  router.post(API_ROOT + SESSION_LINKS_PATH, (ctx) => {
    const caller = deps.access.caller(ctx);
    // A session makes none: with a stolen cookie somebody would have the next thirty days, and again, past every logout.
    if (caller === undefined || caller.by === 'session') throw keyMissing();
    send(ctx, 201, makeLink(ctx, caller, deps));
  });
}

async function begin(ctx: Context, deps: SessionRoutesDeps): Promise<SessionAnswer> {
  const { login, sessions, cookie, now, server } = deps;
  // Else another site could log a browser in as somebody of its choice.
  assertNoForeignPage(ctx, server.publicUrl);
  const sent = await readLogin(ctx);
  if (deps.gatekeeper.isOpen) return describe({ by: 'anybody' }, deps);
  const waitMs = login.waitMs(ctx.ip);
  if (waitMs > 0) ctx.set('Retry-After', String(Math.ceil(waitMs / 1000)));
  const { id, expiresAt, holder } = await login.login(sent, ctx.ip);
  const earlier = cookie.read(ctx);
  // Who logs in on a full disk does so to look why. The earlier session has ended here; what was not written is in the log.
  if (earlier !== undefined) await sessions.end(earlier);
  cookie.set(ctx, { id, maxAgeMs: expiresAt - now(), isSecure: isSecure(ctx, deps) });
  return describe({ by: 'session', holder, expiresAt }, deps);
}

async function readLogin(ctx: Context): Promise<LoginInput> {
  const parsed = loginInput.safeParse(await readJsonObject(ctx.req));
  if (parsed.success) return parsed.data;
  throw new FleetError('INPUT_INVALID', 'A login is { "key" } or { "token" }, and nothing else.');
}

/** Nobody being logged in is what was wished. */
async function end(ctx: Context, deps: SessionRoutesDeps): Promise<void> {
  const { cookie, sessions, server } = deps;
  const id = cookie.read(ctx);
  if (id === undefined || bearerKey(ctx.get('Authorization')) !== undefined) return;
  assertOwnPage(ctx, server.publicUrl);
  // The cookie stays with it, so that the same call can be made again.
  if (!(await sessions.end(id))) throw endNotKept();
  cookie.clear(ctx, isSecure(ctx, deps));
}

function endNotKept(): FleetError {
  return new FleetError('IO_FAILED', 'The session has ended, but that could not be written.', {
    hint:
      'It would be there again after a restart of this server. Look at the disk of dataDir and log out again, or remove ' +
      'sessions.json before the next start.',
  });
}

/** The token stands behind the #, which browsers keep to themselves: it reaches no log of any server. */
function makeLink(ctx: Context, caller: Caller, { loginLinks, server }: SessionRoutesDeps): LoginLink {
  const address = (ownOrigin(ctx, server.publicUrl) ?? server.publicUrl) + CONSOLE_PATH;
  if (caller.by === 'anybody') return { url: address, expiresAt: null };
  const { token, expiresAt } = loginLinks.make(caller.holder.fingerprint);
  return { url: `${address}#token=${token}`, expiresAt };
}

function describe(caller: Caller, { server }: SessionRoutesDeps): SessionAnswer {
  if (caller.by === 'anybody') return { server: server.name, keyName: null, roles: [...ROLES], expiresAt: null };
  const { name, roles } = caller.holder;
  const expiresAt = caller.by === 'session' ? caller.expiresAt : null;
  return { server: server.name, keyName: name, roles: ROLES.filter((role) => roles.has(role)), expiresAt };
}

function isSecure(ctx: Context, { server }: SessionRoutesDeps): boolean {
  return ownOrigin(ctx, server.publicUrl)?.startsWith('https:') === true;
}

function send(ctx: Context, status: number, body: object): void {
  ctx.set('Cache-Control', 'no-store');
  ctx.body = body;
  ctx.status = status;
}
