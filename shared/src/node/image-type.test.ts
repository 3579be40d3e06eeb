import { describe, expect, it } from 'vitest';
import { pngImage } from '#testing/generated-images.ts';
import { acceptedMediaTypes, sniffImageType } from './image-type.ts';

function bytes(...parts: readonly (string | readonly number[])[]): Buffer {
  return Buffer.concat([
    ...parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part))),
    Buffer.alloc(64),
  ]);
}

function ftyp(brand: string): Buffer {
  return bytes([0, 0, 0, 24], 'ftyp', brand, [0, 0, 0, 0], 'mif1');
}

const BMP_HEADER = [...Buffer.from('BM'), 0, 1, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0];
const PNG_SIGNATURE = pngImage({ seed: 1 }).subarray(0, 33);
const ANIMATION_CHUNK = Buffer.from([0, 0, 0, 8, 0x61, 0x63, 0x54, 0x4c, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0]);

describe('the type of an image', () => {
  it.each([
    ['JPEG', bytes([0xff, 0xd8, 0xff, 0xe0, 0, 16], 'JFIF'), 'image/jpeg', 'jpg'],
    ['PNG', pngImage({ seed: 1 }), 'image/png', 'png'],
    ['animated PNG', Buffer.concat([PNG_SIGNATURE, ANIMATION_CHUNK]), 'image/png', 'png'],
    ['GIF', bytes('GIF89a'), 'image/gif', 'gif'],
    ['WebP', bytes('RIFF', [9, 0, 0, 0], 'WEBPVP8 '), 'image/webp', 'webp'],
    ['BMP', bytes(BMP_HEADER), 'image/bmp', 'bmp'],
    ['AVIF', ftyp('avif'), 'image/avif', 'avif'],
    ['HEIC', ftyp('heic'), 'image/heic', 'heic'],
    ['HEIF', ftyp('mif1'), 'image/heif', 'heif'],
    ['TIFF', bytes('II*\0', [8, 0, 0, 0, 1, 0]), 'image/tiff', 'tif'],
    ['TIFF with its directory behind the head', bytes('MM\0*', [0, 0x10, 0, 0]), 'image/tiff', 'tif'],
    ['ICO', bytes([0, 0, 1, 0, 1, 0, 16, 16]), 'image/x-icon', 'ico'],
  ])('is known for %s', async (_name, head, mediaType, extension) => {
    expect(await sniffImageType(head)).toEqual({ mediaType, extension });
  });

  it.each([
    ['plain text', 'hello world'],
    ['a text that begins like a bitmap', 'BMW builds cars, and this is long enough to hold a header'],
    ['a text that begins like a GIF', 'GIFTS for everybody'],
    ['HTML', '<!DOCTYPE html><html><body><svg></svg></body></html>'],
    ['XML that is no SVG', '<?xml version="1.0"?><svgx/>'],
    ['PDF', '%PDF-1.7\n'],
    ['ZIP', 'PK\u0003\u0004'],
    ['MP4', '\0\0\0\u0018ftypisom\0\0\0\0isom'],
    ['one byte', 'x'],
  ])('is unknown for %s', async (_name, content) => {
    expect(await sniffImageType(Buffer.from(content, 'latin1'))).toBeUndefined();
  });

  it.each([
    ['bare', '<svg xmlns="http://www.w3.org/2000/svg"/>'],
    ['after space and a byte order mark', '\uFEFF \n<svg>'],
    [
      'with declaration, comments and document type',
      '<?xml version="1.0"?><!-- <html> --><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "x.dtd"><svg>',
    ],
    ['with entities of its own', '<!DOCTYPE svg [ <!ENTITY a "b>c"> ]>\n<svg>'],
    ['with a prefix', '<s:svg xmlns:s="http://www.w3.org/2000/svg">'],
  ])('is SVG for one %s', async (_name, content) => {
    expect(await sniffImageType(Buffer.from(content))).toEqual({ mediaType: 'image/svg+xml', extension: 'svg' });
  });

  it('is SVG also in UTF-16', async () => {
    expect((await sniffImageType(Buffer.from('\uFEFF<svg>', 'utf16le')))?.extension).toBe('svg');
    expect((await sniffImageType(Buffer.from('\uFEFF<svg>', 'utf16le').swap16()))?.extension).toBe('svg');
  });
});

describe('the types that a server takes', () => {
  it('are named once each, and SVG only where it is switched on', () => {
    const types = acceptedMediaTypes({ svg: false });
    expect(types).toEqual([...new Set(types)]);
    expect(types).toContain('image/jpeg');
    expect(types).not.toContain('image/svg+xml');
    expect(acceptedMediaTypes({ svg: true })).toEqual([...types, 'image/svg+xml']);
  });
});
