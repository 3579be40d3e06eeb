import { readFile, rm } from 'node:fs/promises';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { writeFileAtomically } from '@imagefleet/shared/node/atomic-file.ts';

const OWNER_ONLY = 0o600;

/** What the system offers to keep secrets: only the same user on the same machine gets them back. */
export interface SecretPort {
  readonly encrypt: (text: string) => Promise<Uint8Array>;
  /** Rejects when the system does not give it out: another user, a new keyring, a restored disk. */
  readonly decrypt: (bytes: Uint8Array) => Promise<{
    readonly text: string;
    /** The system has another key by now, and wants it encrypted anew. */
    readonly isStale: boolean;
  }>;
  /** Whether what it encrypts can be read by everybody who reads the file (Linux without a keyring). */
  readonly isUnprotected: () => boolean;
}

/** `locked`: there is a key, and the system does not give it out; it has to be typed again. */
export type KeptKey =
  { readonly state: 'none' } | { readonly state: 'kept'; readonly key: string } | { readonly state: 'locked' };

/** The security key: encrypted by the system, in a file of its own. It never goes back to a page. */
export class KeySafe {
  readonly #file: string;
  readonly #secrets: SecretPort;

  constructor(file: string, secrets: SecretPort) {
    this.#file = file;
    this.#secrets = secrets;
  }

  get isUnprotected(): boolean {
    return this.#secrets.isUnprotected();
  }

  /** Never rejects: a key that cannot be had is one that has to be typed again. */
  async read(): Promise<KeptKey> {
    try {
      const bytes = await readFile(this.#file);
      const { text: key, isStale } = await this.#secrets.decrypt(bytes);
      // It can be read now, so it is kept in whatever way; the next start tries again.
      if (isStale) await this.keep(key).catch(() => undefined);
      return { state: 'kept', key };
    } catch (error) {
      const isAbsent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
      return { state: isAbsent ? 'none' : 'locked' };
    }
  }

  /** An empty key takes it out. Errors: IO_FAILED. */
  async keep(key: string): Promise<void> {
    try {
      if (key === '') {
        await rm(this.#file, { force: true });
        return;
      }
      await writeFileAtomically(this.#file, await this.#secrets.encrypt(key), { mode: OWNER_ONLY });
    } catch (error) {
      throw new FleetError('IO_FAILED', 'the key cannot be kept', {
        cause: error,
        hint: 'Is the keychain of this system unlocked, and is there space on the disk?',
      });
    }
  }
}
