import { expect, it } from 'vitest';
import { hashBlob } from './hash-blob.ts';

/** FIPS 180-2, appendix B; the last one is read in more than one part. */
it.each([
  ['', 0, 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  ['abc', 1, 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  ['a', 1_000_000, 'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0'],
])('hashes %j, %d times, as every server does', async (text, times, sha256) => {
  expect(await hashBlob(new Blob([text.repeat(times)]))).toBe(sha256);
});

it('joins the parts of a large file', async () => {
  const part = new Uint8Array(700 * 1024).fill(7);
  const joined = new Uint8Array(part.length * 5).fill(7);
  expect(await hashBlob(new Blob([part, part, part, part, part]))).toBe(await hashBlob(new Blob([joined])));
});
