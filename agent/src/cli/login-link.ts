import type { LoginLink } from '@imagefleet/shared/common/operator/session-schemas.ts';

const TIMEOUT_MS = 2000;

/** A link that logs in at the server's console, or undefined when it does not give one at once. */
export async function loginLinkOf(access: {
  readonly server: string;
  readonly key: string;
  readonly signal: AbortSignal;
  /** How long it may take. */
  readonly timeoutMs?: number;
}): Promise<LoginLink | undefined> {
  // Loaded here: a fleet that does not get this far never needs the HTTP client.
  const { createFleetClient } = await import('@imagefleet/shared/node/fleet-client.ts');
  const client = createFleetClient({ timeoutMs: TIMEOUT_MS, ...access });
  try {
    return await client.makeLoginLink();
  } catch {
    // The link is a comfort; the key that is printed logs in as well.
    return undefined;
  } finally {
    client.close();
  }
}
