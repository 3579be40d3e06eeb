import { expect, it } from 'vitest';
import { hashBlob } from './hash-blob.ts';

/** FIPS 180-2, appendix B. */
it.each([
  ['', 0, 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  ['abc', 1, 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  ['a', 1_000_000, 'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0'],
])('hashes %j, %d times, as every server does', async (text, times, sha256) => {
  expect(await hashBlob(new Blob([text.repeat(times)]))).toBe(sha256);
});

it('joins the parts of a file that is read in several', async () => {
  const bytes = Uint8Array.from({ length: 3 * 1024 * 1024 + 1 }, (_, index) => (index * 7919) >> 8);
  // Of the same bytes by another program: crypto.subtle reads them at once.
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  const hex = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  expect(await hashBlob(new Blob([bytes]))).toBe(hex);
});
