import { hash, randomBytes } from 'node:crypto';

/** 256 bits: nobody guesses one, so that a plain hash is enough to keep it by. */
const SECRET_BYTES = 32;

/** A new random text of 43 characters that can stand in a cookie and in an address. */
export function newSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}

/** What is kept of such a text: who reads the memory or the file of the server cannot log in with it. */
export function hashOfSecret(secret: string): string {
  return hash('sha256', secret, 'base64url');
}
