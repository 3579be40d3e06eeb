import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { Role } from '@imagefleet/shared/common/operator/operator-api.ts';

/** What a security key stands for, without the key. */
export interface KeyHolder {
  /** As the configuration calls it; `securityKey` for the one for everything. */
  readonly name: string;
  readonly roles: ReadonlySet<Role>;
  /** Stands for the key where it must be known again later. Another key has another one, also under the same name. */
  readonly fingerprint: string;
}

/** The keys of the configuration. */
export interface KeyHolders {
  holderOfKey(key: string): KeyHolder | undefined;
  holderOfFingerprint(fingerprint: string): KeyHolder | undefined;
}

export function keyWrong(): FleetError {
  return new FleetError('KEY_WRONG', 'This server does not know the security key.');
}
