import { z } from 'zod';
import { ROLES } from './operator-api.ts';

/**
 * The calls by which the console logs in. They stand outside the table: they ask for no role, and set a cookie that only
 * a browser keeps.
 */
export const SESSION_PATH = '/session';
export const SESSION_LINKS_PATH = '/session/links';

/** Longer than any key of a configuration that somebody typed or made. */
const MAX_SECRET_LENGTH = 4096;

const loginSecret = z.string().min(1).max(MAX_SECRET_LENGTH);

/** By a security key, or by the token of a login link. */
export const loginInput = z.union([z.strictObject({ key: loginSecret }), z.strictObject({ token: loginSecret })]);
export type LoginInput = z.output<typeof loginInput>;

/** Who is logged in. Where no key is configured everybody may do everything: then `keyName` and `expiresAt` are null. */
export const sessionAnswer = z.object({
  /** Name of the server that answers. */
  server: z.string(),
  keyName: z.string().nullable(),
  roles: z.array(z.enum(ROLES)),
  /** End of the session; null for a caller that showed its key. */
  expiresAt: z.number().nullable(),
});
export type SessionAnswer = z.output<typeof sessionAnswer>;

/** The same with the agents that a browser can go to, the own one first. */
export const sessionInfo = sessionAnswer.extend({
  servers: z.array(z.object({ name: z.string(), url: z.string() })),
});
export type SessionInfo = z.output<typeof sessionInfo>;

/**
 * `GET /session` with this header answers 200 `{ session: null }` where it would be 401: a browser notes every 401 as an
 * error in its console, and that nobody is logged in yet is none.
 */
export const OPTIONAL_SESSION = { name: 'X-Session', value: 'optional' } as const;
export const noSession = z.strictObject({ session: z.null() });

/** A link that logs in once. Where no key is configured it is the console's plain address, which never expires (null). */
export const loginLink = z.object({ url: z.string(), expiresAt: z.number().nullable() });
export type LoginLink = z.output<typeof loginLink>;
