import type { QueryClient } from '@tanstack/react-query';
import type { ErrorCode } from '@imagefleet/shared/common/errors/error-codes.ts';
import { QUERY } from './queries.ts';

/** The first one without a cookie, the second one with one that is worth nothing any more. */
const SESSION_OVER: ReadonlySet<string> = new Set<ErrorCode>(['KEY_MISSING', 'SESSION_MISSING']);

/** Whether an error's code says that nobody is logged in any more. */
export function isSessionOver(code: string): boolean {
  return SESSION_OVER.has(code);
}

/** Who is logged in stays so until the server has answered; many that ask together ask once. */
export async function askForSession(client: QueryClient): Promise<void> {
  await client.invalidateQueries({ queryKey: [QUERY.session] }, { cancelRefetch: false });
}
