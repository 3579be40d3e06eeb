import { hash, timingSafeEqual } from 'node:crypto';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { AgentConfig } from '@imagefleet/shared/common/config/agent-config.ts';
import { ROLES, type Role } from '@imagefleet/shared/common/operator/operator-api.ts';

interface KnownKey {
  readonly name: string;
  readonly digest: Buffer;
  readonly roles: ReadonlySet<Role>;
}

/** Who may do what. Without any key in the configuration everybody is admitted; the configuration allows that on loopback only. */
export class Gatekeeper {
  readonly #keys: readonly KnownKey[];

  constructor(config: Pick<AgentConfig, 'securityKey' | 'keys'>) {
    const named = config.keys.map(({ name, key, roles }) => ({ name, digest: digestOf(key), roles: new Set(roles) }));
    const main =
      config.securityKey === undefined
        ? []
        : [{ name: 'securityKey', digest: digestOf(config.securityKey), roles: new Set(ROLES) }];
    this.#keys = [...main, ...named];
  }

  /** Throws KEY_MISSING, KEY_WRONG, or ROLE_MISSING. Takes the same time whatever the key. */
  admit(key: string | undefined, role: Role): void {
    if (this.#keys.length === 0) return;
    if (key === undefined || key === '') throw new FleetError('KEY_MISSING', 'The request carries no security key.');
    const digest = digestOf(key);
    // Every key is compared, so that the time does not tell which one nearly fitted.
    const matches = this.#keys.filter((known) => timingSafeEqual(known.digest, digest));
    const match = matches[0];
    if (match === undefined) throw new FleetError('KEY_WRONG', 'This server does not know the security key.');
    if (!matches.some((known) => known.roles.has(role))) {
      throw new FleetError('ROLE_MISSING', `The key "${match.name}" lacks the role "${role}".`);
    }
  }
}

/** The key in `Authorization: Bearer KEY` (RFC 6750); undefined when there is none. */
export function bearerKey(authorization: string | undefined): string | undefined {
  return /^Bearer +(\S.*?)\s*$/i.exec(authorization ?? '')?.[1];
}

/** Hashed first, so that keys of any length compare in constant time. */
function digestOf(key: string): Buffer {
  return hash('sha256', key, 'buffer');
}
