import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { AgentConfig } from '@imagefleet/shared/common/config/agent-config.ts';
import { ROLES, type Role } from '@imagefleet/shared/common/operator/operator-api.ts';
import { keyWrong, type KeyHolder, type KeyHolders } from '#services/key-holder.ts';

interface KnownKey {
  readonly name: string;
  readonly digest: Buffer;
  readonly fingerprint: string;
  readonly roles: readonly Role[];
}

/** Who may do what. Without any key in the configuration everybody is admitted; the configuration allows that on loopback only. */
export class Gatekeeper implements KeyHolders {
  readonly #keys: readonly KnownKey[];

  constructor(config: Pick<AgentConfig, 'securityKey' | 'keys'>) {
    const main =
      config.securityKey === undefined ? [] : [{ name: 'securityKey', key: config.securityKey, roles: ROLES }];
    this.#keys = [...main, ...config.keys].map(({ name, key, roles }) => {
      return { name, digest: digestOf(key), fingerprint: fingerprintOf(key), roles };
    });
  }

  /** Whether no key is configured, so that everybody may do everything. */
  get isOpen(): boolean {
    return this.#keys.length === 0;
  }

  /** Throws KEY_MISSING, KEY_WRONG, or ROLE_MISSING. Takes the same time whatever the key. */
  admit(key: string | undefined, role: Role): void {
    if (this.isOpen) return;
    if (key === undefined || key === '') throw keyMissing();
    const holder = this.holderOfKey(key);
    if (holder === undefined) throw keyWrong();
    assertRole(holder, role);
  }

  /** Takes the same time whatever the key. */
  holderOfKey(key: string): KeyHolder | undefined {
    const digest = digestOf(key);
    // Every key is compared, so that the time does not tell which one nearly fitted.
    return holderOf(this.#keys.filter((known) => timingSafeEqual(known.digest, digest)));
  }

  holderOfFingerprint(fingerprint: string): KeyHolder | undefined {
    return holderOf(this.#keys.filter((known) => known.fingerprint === fingerprint));
  }
}

/** Throws ROLE_MISSING. */
export function assertRole({ name, roles }: KeyHolder, role: Role): void {
  if (!roles.has(role)) throw new FleetError('ROLE_MISSING', `The key "${name}" lacks the role "${role}".`);
}

export function keyMissing(): FleetError {
  return new FleetError('KEY_MISSING', 'The request carries no security key.');
}

/** The key in `Authorization: Bearer KEY` (RFC 6750); undefined when there is none. */
export function bearerKey(authorization: string | undefined): string | undefined {
  return /^Bearer +(\S.*?)\s*$/i.exec(authorization ?? '')?.[1];
}

/** A key that stands in several places has the roles of all of them, and the name of the first. */
function holderOf(matches: readonly KnownKey[]): KeyHolder | undefined {
  const [first] = matches;
  if (first === undefined) return undefined;
  const { name, fingerprint } = first;
  return { name, fingerprint, roles: new Set(matches.flatMap(({ roles }) => roles)) };
}

/** Hashed first, so that keys of any length compare in constant time. */
function digestOf(key: string): Buffer {
  return hash('sha256', key, 'buffer');
}

/** Another value than the digest that is compared: what is kept on the disk opens nothing else. */
function fingerprintOf(key: string): string {
  return createHmac('sha256', key).update('imagefleet console session').digest('base64url');
}
