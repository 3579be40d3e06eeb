import { safeStorage } from 'electron';
import type { SecretPort } from '#main/key-safe.ts';

/** The keychain of this system. Nothing of it may be asked before the app is ready. */
export const systemSecrets: SecretPort = {
  encrypt: (text) => safeStorage.encryptStringAsync(text),
  decrypt: async (bytes) => {
    const { result, shouldReEncrypt } = await safeStorage.decryptStringAsync(Buffer.from(bytes));
    return { text: result, isStale: shouldReEncrypt };
  },
  // Only Linux has such a place: a key that everybody knows stands in for a keyring that is not there.
  isUnprotected: () => process.platform === 'linux' && safeStorage.getSelectedStorageBackend() === 'basic_text',
};
