import { useEffect } from 'react';
import { KeyStrokes } from './key-strokes.ts';
import { hashOf } from './pages.ts';

/** `u` upload; `g` and then `u` `f` `e` `i` for the pages; `/` for the search field of the page that has one. */
export function useKeyboard(): void {
  useEffect(() => {
    const strokes = new KeyStrokes();
    const press = (event: KeyboardEvent): void => {
      if (isTyping(event.target)) return;
      const meant = strokes.press(event);
      if (meant === 'search') search(event);
      else if (meant !== null) location.hash = hashOf(meant);
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
}

function search(event: KeyboardEvent): void {
  const field = document.querySelector('input[type="search"]');
  if (!(field instanceof HTMLElement)) return;
  // Else the field would have a slash in it.
  event.preventDefault();
  field.focus();
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('input, textarea, select, [contenteditable]') !== null;
}
