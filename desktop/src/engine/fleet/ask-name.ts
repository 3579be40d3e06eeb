import type { FleetClient } from '@imagefleet/shared/node/fleet-client.ts';
import type { FleetClock } from './fleet-clock.ts';

/** A server that does not tell its name within it is asked again with the next look. */
const LIMIT_MS = 1500;

/** The name of the server of this client as itself tells it; undefined when it does not in time, never rejects. */
export async function askName(
  client: Pick<FleetClient, 'readSession'> | undefined,
  clock: FleetClock,
): Promise<string | undefined> {
  if (client === undefined) return undefined;
  const late = Promise.withResolvers<undefined>();
  const cancel = clock.setTimer(() => late.resolve(undefined), LIMIT_MS);
  // That it does not answer, or does not know the key, is found and told by those who need more of it than its name.
  const name = client.readSession().then(
    (session) => session.server,
    () => undefined,
  );
  try {
    return await Promise.race([name, late.promise]);
  } finally {
    cancel();
  }
}
