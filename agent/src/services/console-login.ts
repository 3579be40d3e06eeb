import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { Logger } from '@imagefleet/shared/common/log/logger.ts';
import type { LoginInput } from '@imagefleet/shared/common/operator/session-schemas.ts';
import type { ConsoleSessions } from './console-sessions.ts';
import { keyWrong, type KeyHolder, type KeyHolders } from './key-holder.ts';
import type { LoginLimit } from './login-limit.ts';
import type { LoginLinks } from './login-links.ts';

export interface ConsoleLoginDeps {
  readonly keys: KeyHolders;
  readonly sessions: Pick<ConsoleSessions, 'begin'>;
  readonly loginLinks: Pick<LoginLinks, 'use'>;
  readonly limit: LoginLimit;
  readonly logger: Logger;
}

export interface BegunSession {
  readonly id: string;
  readonly expiresAt: number;
  readonly holder: KeyHolder;
}

/** The login at the console, by a key or by the token of a login link. */
export class ConsoleLogin {
  readonly #deps: ConsoleLoginDeps;

  constructor(deps: ConsoleLoginDeps) {
    this.#deps = deps;
  }

  /** How long this address has to wait before its next try, in milliseconds; 0: not at all. */
  waitMs(address: string): number {
    return this.#deps.limit.waitMs(address);
  }

  /**
   * Throws KEY_WRONG or TOKEN_WRONG, and RATE_LIMITED for a key while the address has to wait. The token of a link has 256
   * random bits: nobody guesses one, and whoever brings one gets in also where others at the same proxy guess keys.
   */
  async login(sent: LoginInput, address: string): Promise<BegunSession> {
    const { sessions, limit, logger } = this.#deps;
    const isKey = 'key' in sent;
    if (isKey && limit.waitMs(address) > 0) throw new FleetError('RATE_LIMITED', 'There were too many failed logins.');
    const holder = this.#holderOf(sent);
    if (holder === undefined) {
      if (isKey) limit.failed(address);
      logger.warn('session.refused', { address, by: isKey ? 'key' : 'link' });
      throw isKey ? keyWrong() : new FleetError('TOKEN_WRONG', 'This login link does not log in any more.');
    }
    const { id, expiresAt } = await sessions.begin(holder.fingerprint);
    logger.info('session.begun', { address, keyName: holder.name });
    return { id, expiresAt, holder };
  }

  #holderOf(sent: LoginInput): KeyHolder | undefined {
    const { keys, loginLinks } = this.#deps;
    if ('key' in sent) return keys.holderOfKey(sent.key);
    const fingerprint = loginLinks.use(sent.token);
    return fingerprint === undefined ? undefined : keys.holderOfFingerprint(fingerprint);
  }
}
