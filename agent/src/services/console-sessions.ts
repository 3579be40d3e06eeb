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
  #written: Promise<unknown> = Promise.resolve();
  /** Hashes of the ids of sessions that have ended here, and that what is kept may still have. */
  readonly #owedEnds = new Set<string>();
  /** What is kept is not what is known here. */
  #isUnwritten = false;

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

  /**
   * Ends it at once. Answers whether it stays so after a restart or a power cut: false when the disk takes no change at
   * all, until a later call or write gets through. Idempotent.
   */
  async end(id: string): Promise<boolean> {
    const idHash = hashOfSecret(id);
    if (this.#sessions.delete(idHash)) this.#owedEnds.add(idHash);
    if (!this.#owedEnds.has(idHash)) return true;
    if (!(await this.#save())) await this.#forgetKept();
    return !this.#owedEnds.has(idHash);
  }

  /** Waits for what is being written, and tries once more what could not be. */
  async stop(): Promise<void> {
    await this.#written;
    if (this.#isUnwritten) await this.#save();
  }

  #sweep(): void {
    for (const [idHash, { expiresAt }] of this.#sessions) {
      if (expiresAt <= this.#deps.now()) this.#sessions.delete(idHash);
    }
  }

  /**
   * Answers whether it was written. A disk that is full must not lock out who comes to look why: the session holds until
   * a restart.
   */
  #save(): Promise<boolean> {
    return this.#inTurn('sessions.notWritten', async () => {
      this.#isUnwritten = true;
      await this.#paying(() => this.#deps.store.save([...this.#sessions.values()]));
      this.#isUnwritten = false;
    });
  }

  /** A session that comes back after its logout is worse than a login too many: the others are kept by the next write. */
  #forgetKept(): Promise<boolean> {
    return this.#inTurn('sessions.notForgotten', async () => {
      if (this.#owedEnds.size > 0) await this.#paying(() => this.#deps.store.remove());
    });
  }

  /** Ends that are owed when a change begins are done with it; what ends while it is written waits for the next one. */
  async #paying(change: () => Promise<void>): Promise<void> {
    const owed = [...this.#owedEnds];
    await change();
    for (const idHash of owed) this.#owedEnds.delete(idHash);
  }

  /** One after the other; answers whether it succeeded, and logs when it did not. */
  #inTurn(failure: string, change: () => Promise<void>): Promise<boolean> {
    const turn = this.#written.then(change).then(
      () => true,
      (error: unknown) => {
        this.#deps.logger.warn(failure, { error });
        return false;
      },
    );
    this.#written = turn;
    return turn;
  }
}
