import { useEffect } from 'react';
import { KeyStrokes } from './key-strokes.ts';
import { hashOf, type PageName } from './pages.ts';

/**
 * `u` upload; `g` and then `u` `f` `e` `i` `s` for those of `pages`; `/` for the search field of the page that has one; `?` calls
 * `showKeys`. Give the same function and pages each time.
 */
export function useKeyboard(pages: readonly PageName[], showKeys: () => void): void {
  useEffect(() => {
    const strokes = new KeyStrokes();
    const press = (event: KeyboardEvent): void => {
      if (isTyping(event.target) || isInDialog(event.target)) return;
      const meant = strokes.press(event);
      if (meant === 'search') search(event);
      else if (meant === 'keys') showKeys();
      else if (meant !== null && pages.includes(meant)) location.hash = hashOf(meant);
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, [pages, showKeys]);
}

function search(event: KeyboardEvent): void {
  const field = document.querySelector('input[type="search"]');
  if (!(field instanceof HTMLElement)) return;
  // Else the field would have a slash in it.
  event.preventDefault();
  field.focus();
}

/** The box with the links can be read only: keys are no text there. */
function isTyping(target: EventTarget | null): boolean {
  const fields = 'input, textarea:not([readonly]), select, [contenteditable]';
  return target instanceof HTMLElement && target.closest(fields) !== null;
}

/** What is behind a dialog does not move. */
function isInDialog(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('[aria-modal="true"]') !== null;
}
