import { hashOfSecret, newSecret } from './random-secret.ts';

/** Long enough to go from a terminal to a browser. */
export const LINK_LIFETIME_MS = 5 * 60 * 1000;
/** Counted for each key, as sessions are; the oldest goes. */
const MAX_LINKS_PER_KEY = 20;

interface Link {
  readonly keyFingerprint: string;
  readonly expiresAt: number;
}

/** Tokens that log in once each. They are known here as hashes only, and a restart forgets them: a new one costs nothing. */
export class LoginLinks {
  readonly #now: () => number;
  /** By the hash of the token, oldest first. */
  readonly #links = new Map<string, Link>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** A new token that stands for a key. */
  make(keyFingerprint: string): { readonly token: string; readonly expiresAt: number } {
    const ofKey = [...this.#links].filter(([, link]) => link.keyFingerprint === keyFingerprint);
    const [oldest] = ofKey;
    if (oldest !== undefined && ofKey.length >= MAX_LINKS_PER_KEY) this.#links.delete(oldest[0]);
    const token = newSecret();
    const expiresAt = this.#now() + LINK_LIFETIME_MS;
    this.#links.set(hashOfSecret(token), { keyFingerprint, expiresAt });
    return { token, expiresAt };
  }

  /** The key that the token stands for, once; undefined when it was used, is too old or unknown. */
  use(token: string): string | undefined {
    const hash = hashOfSecret(token);
    const link = this.#links.get(hash);
    this.#links.delete(hash);
    return link !== undefined && link.expiresAt > this.#now() ? link.keyFingerprint : undefined;
  }
}
