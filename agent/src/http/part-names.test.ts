import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundaryOf, PartNameRewriter, unpackName } from './part-names.ts';

/** Rewrites `body` in chunks that end at `cuts`. */
function rewrite(body: Buffer, cuts: readonly number[] = []): Buffer {
  const rewriter = new PartNameRewriter('b');
  const ends = [...new Set(cuts.map((cut) => cut % (body.length + 1)))].sort((a, b) => a - b);
  const out: Buffer[] = [];
  let start = 0;
  for (const end of [...ends, body.length]) {
    out.push(...rewriter.push(body.subarray(start, end)).map((bytes) => Buffer.from(bytes)));
    start = end;
  }
  return Buffer.concat([...out, ...rewriter.end()]);
}

function nameIn(disposition: string): string | undefined {
  const text = rewrite(
    Buffer.from(`--b\r\nContent-Disposition: form-data; ${disposition}\r\n\r\nbytes\r\n--b--\r\n`),
  ).toString();
  const packed = /filename="([^"]*)"/.exec(text)?.[1];
  return packed === undefined ? undefined : unpackName(packed);
}

describe('names of multipart parts', () => {
  it.each([
    ['name="f"; filename="a.jpg"', 'a.jpg'],
    ['filename="a.jpg"; name="f"', 'a.jpg'],
    ['name="f"; filename="a"b".jpg"', 'a"b".jpg'],
    ['name="f"; filename="a"; name="x.jpg"', 'a'],
    ['name=f; filename=plain.jpg', 'plain.jpg'],
    ['name="f"; filename="%22a%22.jpg"', '"a".jpg'],
    ['name="f"; filename="100%.jpg"', '100%.jpg'],
    ['name="f"; filename="C:\\a\\b.jpg"', 'b.jpg'],
    ['name="f"; filename="../../etc/x.jpg"', 'x.jpg'],
    [`name="f"; filename="a.jpg"; filename*=utf-8''%E7%85%A7.jpg`, '照.jpg'],
    [`name="f"; filename="a.jpg"; filename*=utf-8''%E7%8.jpg`, 'a.jpg'],
    ['name="f"', undefined],
    ['name="f"; filename=""', ''],
  ])('%s', (disposition, name) => {
    expect(nameIn(disposition)).toBe(name);
  });

  it('keeps any file name without folders, quotes and line breaks', () => {
    const names = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 50 })
      .filter((name) => !/["\\/\p{Cc}\p{Cs}%]/u.test(name));
    fc.assert(
      fc.property(names, (name) => {
        expect(nameIn(`name="f"; filename="${name}"`)).toBe(name.normalize('NFC'));
      }),
    );
  });

  it('gives the same bytes however the body is cut into chunks', () => {
    const body = Buffer.concat([
      Buffer.from('--b\r\nContent-Disposition: form-data; name="f"; filename="a"b.jpg"\r\nX: y\r\n\r\n'),
      Buffer.from(
        'one\r\n--\r\n--c\r\n\r\n--b\r\nContent-Disposition: form-data; name="g"\r\n\r\nvalue\r\n--b--\r\nepilogue',
      ),
    ]);
    const whole = rewrite(body);
    fc.assert(
      fc.property(fc.array(fc.nat(400), { maxLength: 40 }), (cuts) => {
        expect(rewrite(body, cuts).equals(whole)).toBe(true);
      }),
    );
    expect(whole.toString()).toContain('\r\n\r\none\r\n--\r\n--c\r\n\r\n--b\r\n');
  });

  it('passes bytes through that hold no delimiter', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.array(fc.nat(300), { maxLength: 5 }), (bytes, cuts) => {
        const body = Buffer.from(bytes);
        fc.pre(!body.includes('--b'));
        expect(rewrite(body, cuts).equals(body)).toBe(true);
      }),
    );
  });

  it('reads the boundary, quoted or not', () => {
    expect(boundaryOf('multipart/form-data; boundary=---x')).toBe('---x');
    expect(boundaryOf('multipart/form-data; charset=utf-8; Boundary="a b"')).toBe('a b');
    expect(boundaryOf('multipart/form-data')).toBeUndefined();
  });
});
