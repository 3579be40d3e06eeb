import { z } from 'zod';
import { ROLES } from './operator-api.ts';

/** Shape of `POST` and `GET /api/v1/session` (docs/api.md, Login of the console). */
export const sessionAnswer = z.object({
  server: z.string(),
  keyName: z.string(),
  roles: z.array(z.enum(ROLES)),
  /** Epoch milliseconds. */
  expiresAt: z.number().int(),
  /** The agents of the fleet as a browser can open them, the own one first. */
  servers: z.array(z.object({ name: z.string(), url: z.string() })),
});
export type SessionAnswer = z.infer<typeof sessionAnswer>;
