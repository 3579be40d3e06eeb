import type { Logger } from '@imagefleet/shared/common/log/logger.ts';
import { hashOfSecret, newSecret } from './random-secret.ts';
import type { KeptSession, SessionStore } from './session-file.ts';

/**
 * Fixed, not sliding: a cookie that was stolen ends by itself, looking at the console writes nothing, and to log in once
 * a month is no burden.
 */
export const SESSION_LIFETIME_MS = 30 * 24 * 3600 * 1000;
/** Counted for each key, so that whoever has a key of little power cannot push out those of others. */
const MAX_SESSIONS_PER_KEY = 50;

export interface ConsoleSessionsDeps {
  readonly store: SessionStore;
  readonly now: () => number;
  readonly logger: Logger;
}

/** Who is logged in at the console, also over a restart. Ids are known here as hashes only. */
export class ConsoleSessions {
  readonly #deps: ConsoleSessionsDeps;
  /** By the hash of the id, oldest first. */
  #sessions = new Map<string, KeptSession>();
  #written: Promise<void> = Promise.resolve();

  constructor(deps: ConsoleSessionsDeps) {
    this.#deps = deps;
  }

  /** Reads what was kept, without sessions whose key `isKnown` denies. What cannot be read is logged and counts as none. */
  async start(isKnown: (keyFingerprint: string) => boolean): Promise<void> {
    const { store, now, logger } = this.#deps;
    try {
      const kept = await store.load();
      const alive = kept.filter((session) => session.expiresAt > now() && isKnown(session.keyFingerprint));
      this.#sessions = new Map(alive.map((session) => [session.idHash, session]));
      // Now, not at the next login: a key that comes back into the configuration must not bring its sessions back.
      if (alive.length < kept.length) await this.#save();
    } catch (error) {
      logger.error('sessions.unreadable', { error });
      await store.setAside().catch((cause: unknown) => {
        logger.error('sessions.notSetAside', { error: cause });
      });
    }
  }

  /**
   * A new session of a key; the id is for the cookie and nowhere else. Resolves when it would survive a power cut, or when
   * it was logged that it could not be written.
   */
  async begin(keyFingerprint: string): Promise<{ readonly id: string; readonly expiresAt: number }> {
    this.#sweep();
    const ofKey = [...this.#sessions.values()].filter((session) => session.keyFingerprint === keyFingerprint);
    for (const { idHash } of ofKey.slice(0, Math.max(0, ofKey.length - MAX_SESSIONS_PER_KEY + 1))) {
      this.#sessions.delete(idHash);
    }
    const id = newSecret();
    const expiresAt = this.#deps.now() + SESSION_LIFETIME_MS;
    const idHash = hashOfSecret(id);
    this.#sessions.set(idHash, { idHash, keyFingerprint, expiresAt });
    await this.#save();
    return { id, expiresAt };
  }

  /** Undefined for an id that is unknown, ended or expired. */
  find(id: string): KeptSession | undefined {
    const session = this.#sessions.get(hashOfSecret(id));
    return session !== undefined && session.expiresAt > this.#deps.now() ? session : undefined;
  }

  /** Ends it at once. Resolves when that would survive a power cut, or it was logged that it could not be written. Idempotent. */
  async end(id: string): Promise<void> {
    if (this.#sessions.delete(hashOfSecret(id))) await this.#save();
  }

  /** Waits for what is being written. */
  stop(): Promise<void> {
    return this.#written;
  }

  #sweep(): void {
    for (const [idHash, { expiresAt }] of this.#sessions) {
      if (expiresAt <= this.#deps.now()) this.#sessions.delete(idHash);
    }
  }

  /** One after the other. A disk that is full must not lock out who comes to look why: the session holds until a restart. */
  #save(): Promise<void> {
    const { store, logger } = this.#deps;
    this.#written = this.#written
      .then(() => store.save([...this.#sessions.values()]))
      .catch((error: unknown) => {
        logger.warn('sessions.notWritten', { error });
      });
    return this.#written;
  }
}
