import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { KeySafe, type SecretPort } from './key-safe.ts';
import { tempFolder } from './testing/temp-folder.ts';

/** A keychain whose only key is a number: another number cannot read what the first one wrote. */
function keychain(key: number): SecretPort & { isStale: boolean } {
  return {
    isStale: false,
    encrypt: (text) => Promise.resolve(Buffer.from(text).map((byte) => byte ^ key)),
    decrypt(bytes) {
      const text = Buffer.from(bytes.map((byte) => byte ^ key)).toString();
      return text.startsWith('key')
        ? Promise.resolve({ text, isStale: this.isStale })
        : Promise.reject(new Error('no'));
    },
    isUnprotected: () => false,
  };
}

describe('the key', () => {
  it('is kept encrypted, and taken out by an empty one', async () => {
    const file = join(tempFolder(), 'key.bin');
    const safe = new KeySafe(file, keychain(42));
    expect(await safe.read()).toEqual({ state: 'none' });
    await safe.keep('key-1');
    expect(await safe.read()).toEqual({ state: 'kept', key: 'key-1' });
    expect(readFileSync(file, 'latin1')).not.toContain('key-1');
    await safe.keep('');
    expect(await safe.read()).toEqual({ state: 'none' });
  });

  it('that the system does not give out is locked, and may be typed again', async () => {
    const file = join(tempFolder(), 'key.bin');
    await new KeySafe(file, keychain(42)).keep('key-1');
    const safe = new KeySafe(file, keychain(7));
    expect(await safe.read()).toEqual({ state: 'locked' });
    await safe.keep('key-2');
    expect(await safe.read()).toEqual({ state: 'kept', key: 'key-2' });
  });

  it('is encrypted anew when the system has another key', async () => {
    const file = join(tempFolder(), 'key.bin');
    const chain = keychain(42);
    await new KeySafe(file, chain).keep('key-1');
    const before = readFileSync(file);
    const renewed = { ...chain, isStale: true, encrypt: () => Promise.resolve(Buffer.from('renewed')) };
    expect(await new KeySafe(file, renewed).read()).toEqual({ state: 'kept', key: 'key-1' });
    expect([before.toString() === 'renewed', readFileSync(file, 'utf8')]).toEqual([false, 'renewed']);
  });

  it('that cannot be kept is said', async () => {
    const chain = { ...keychain(42), encrypt: () => Promise.reject(new Error('no keyring')) };
    const safe = new KeySafe(join(tempFolder(), 'key.bin'), chain);
    await expect(safe.keep('key-1')).rejects.toMatchObject({ code: 'IO_FAILED' });
  });
});
