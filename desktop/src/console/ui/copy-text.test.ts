import { afterEach, describe, expect, it, vi } from 'vitest';
import { copyText } from './copy-text.ts';

/** As much of a page as copying needs; what is done with it comes one after the other. */
function page(clipboard: Pick<Clipboard, 'writeText'> | undefined, isCopied: boolean): readonly string[] {
  const done: string[] = [];
  class FakeElement {
    value = '';
    readonly style: Record<string, string> = {};
    readonly setAttribute = (): void => undefined;
    readonly select = (): void => void done.push('select');
    readonly remove = (): void => void done.push('remove');
    readonly focus = (): void => void done.push('focus');
  }
  const field = new FakeElement();
  vi.stubGlobal('HTMLElement', FakeElement);
  vi.stubGlobal('navigator', { clipboard });
  vi.stubGlobal('document', {
    activeElement: new FakeElement(),
    createElement: () => field,
    body: { append: (element: unknown) => void done.push(element === field ? 'append' : 'append another') },
    execCommand: (command: string) => {
      done.push(`${command} ${field.value}`);
      return isCopied;
    },
  });
  return done;
}

describe('copying', () => {
  afterEach(() => void vi.unstubAllGlobals());

  it('takes the clipboard where there is one', async () => {
    const written: string[] = [];
    const done = page({ writeText: async (text) => void written.push(text) }, true);
    expect(await copyText('a link')).toBe(true);
    expect([written, done]).toEqual([['a link'], []]);
  });

  it.each([
    ['there is none, as over plain HTTP', undefined],
    ['it is not permitted', { writeText: () => Promise.reject(new Error('NotAllowedError')) }],
  ])('goes by a selection where %s, and gives the focus back', async (_name, clipboard) => {
    const done = page(clipboard, true);
    expect(await copyText('a link')).toBe(true);
    expect(done).toEqual(['append', 'select', 'copy a link', 'remove', 'focus']);
  });

  it('says when nothing was copied', async () => {
    page(undefined, false);
    expect(await copyText('a link')).toBe(false);
  });
});
