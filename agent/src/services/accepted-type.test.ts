import { describe, expect, it } from 'vitest';
import { acceptedType, assertExtensionFits } from './accepted-type.ts';

const staged = (type: { mediaType: string; extension: string } | undefined) => ({
  stagingName: 'x',
  sha256: '',
  sizeBytes: 1,
  type,
});
const JPEG = { mediaType: 'image/jpeg', extension: 'jpg' };
const SVG = { mediaType: 'image/svg+xml', extension: 'svg' };

describe('types that are taken', () => {
  it('takes known images, and SVG only where it is allowed', () => {
    expect(acceptedType(staged(JPEG), { svg: false })).toBe(JPEG);
    expect(acceptedType(staged(SVG), { svg: true })).toBe(SVG);
    expect(() => acceptedType(staged(SVG), { svg: false })).toThrow(expect.objectContaining({ code: 'SVG_REFUSED' }));
    expect(() => acceptedType(staged(undefined), { svg: true })).toThrow(
      expect.objectContaining({ code: 'NOT_AN_IMAGE' }),
    );
  });

  it.each(['a.jpg', 'a.JPEG', 'x/a.jpe', 'a.jfif'])('takes a JPEG as %s', (path) => {
    expect(() => {
      assertExtensionFits(path, JPEG);
    }).not.toThrow();
  });

  it('says which extension goes with the bytes', () => {
    expect(() => {
      assertExtensionFits('a.png', JPEG);
    }).toThrow(/\.png.*image\/jpeg.*\.jpg/);
    expect(() => {
      assertExtensionFits('a.png', { mediaType: 'image/webp', extension: 'webp' });
    }).toThrow(/\.webp/);
  });
});
