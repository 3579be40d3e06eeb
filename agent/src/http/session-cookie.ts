import type { Context } from 'koa';
import { hash } from 'node:crypto';

const NAME_LENGTH = 12;

/**
 * The cookie that carries a session's id. Cookies know no ports (RFC 6265, 8.5), so its name is made of the server's
 * identity: agents on one host would else log each other's operators out.
 */
export class SessionCookie {
  readonly #name: string;

  /** `serverId` is the random id that stays with the server's data. */
  constructor(serverId: string) {
    this.#name = `imagefleet_${hash('sha256', serverId, 'hex').slice(0, NAME_LENGTH)}`;
  }

  /** The id that the request carries. */
  read(ctx: Context): string | undefined {
    const id = ctx.cookies.get(this.#name, { signed: false });
    return id === undefined || id === '' ? undefined : id;
  }

  /** Written by hand: Koa's own says `expires` only, and a browser whose clock is wrong would drop it. */
  set(ctx: Context, cookie: { readonly id: string; readonly maxAgeMs: number; readonly isSecure: boolean }): void {
    const { id, maxAgeMs, isSecure } = cookie;
    const age = Math.max(0, Math.floor(maxAgeMs / 1000));
    ctx.append(
      'Set-Cookie',
      `${this.#name}=${id}; Path=/; Max-Age=${age}; HttpOnly; SameSite=Strict${isSecure ? '; Secure' : ''}`,
    );
  }

  clear(ctx: Context, isSecure: boolean): void {
    this.set(ctx, { id: '', maxAgeMs: 0, isSecure });
  }
}
