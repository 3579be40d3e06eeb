import { hash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { bearerKey, Gatekeeper } from './auth.ts';

const named = { name: 'camera', key: 'upload-only', roles: ['upload' as const] };

describe('who may do what', () => {
  it('lets the security key do everything and a named key what its roles say', () => {
    const gate = new Gatekeeper({ securityKey: 'main', keys: [named] });
    for (const role of ['upload', 'operator', 'read'] as const) {
      expect(() => {
        gate.admit('main', role);
      }).not.toThrow();
    }
    expect(() => {
      gate.admit('upload-only', 'upload');
    }).not.toThrow();
    expect(() => {
      gate.admit('upload-only', 'operator');
    }).toThrow(expect.objectContaining({ code: 'ROLE_MISSING' }));
  });

  it.each([
    [undefined, 'KEY_MISSING'],
    ['', 'KEY_MISSING'],
    ['mai', 'KEY_WRONG'],
    ['main ', 'KEY_WRONG'],
    ['MAIN', 'KEY_WRONG'],
  ])('refuses the key %j with %s', (key, code) => {
    const gate = new Gatekeeper({ securityKey: 'main', keys: [named] });
    expect(() => {
      gate.admit(key, 'read');
    }).toThrow(expect.objectContaining({ code }));
  });

  it('gives a key that stands twice the roles of both places', () => {
    const gate = new Gatekeeper({
      securityKey: undefined,
      keys: [named, { name: 'same', key: 'upload-only', roles: ['read'] }],
    });
    expect(() => {
      gate.admit('upload-only', 'read');
    }).not.toThrow();
  });

  it('admits everybody where no key is configured', () => {
    const gate = new Gatekeeper({ securityKey: undefined, keys: [] });
    expect(() => {
      gate.admit(undefined, 'operator');
    }).not.toThrow();
  });

  it('knows a key again by its fingerprint, over restarts and other names, and no other key', () => {
    const fingerprintOf = (key: string, name = 'camera'): string | undefined =>
      new Gatekeeper({ securityKey: undefined, keys: [{ ...named, name, key }] }).holderOfKey(key)?.fingerprint;
    // Sessions are kept by it: another one after an update of the program would log everybody out.
    expect(fingerprintOf('upload-only')).toBe('gQ_lUSp6W37OBRL2Na5XcTawZ9jyRU_TC0Wp_cHVwYk');
    expect(fingerprintOf('upload-only', 'renamed')).toBe(fingerprintOf('upload-only'));
    expect(fingerprintOf('upload-only2')).not.toBe(fingerprintOf('upload-only'));
    // What is kept on the disk is not the digest by which keys are compared.
    expect(fingerprintOf('upload-only')).not.toBe(hash('sha256', 'upload-only', 'base64url'));
    const gate = new Gatekeeper({ securityKey: 'main', keys: [named] });
    expect(gate.holderOfFingerprint(fingerprintOf('upload-only') ?? '')?.name).toBe('camera');
    expect(gate.holderOfFingerprint(fingerprintOf('gone') ?? '')).toBeUndefined();
  });

  it.each([
    ['Bearer abc', 'abc'],
    ['bearer  a b ', 'a b'],
    ['Basic abc', undefined],
    ['Bearer', undefined],
    [undefined, undefined],
  ])('reads the header %j', (header, key) => {
    expect(bearerKey(header)).toBe(key);
  });
});
