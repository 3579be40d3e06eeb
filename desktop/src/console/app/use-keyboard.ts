import { useEffect } from 'react';
import { hashOf, type PageName } from './pages.ts';

const GO: Readonly<Record<string, PageName>> = { u: 'upload', f: 'fleet', e: 'errors', i: 'images' };
/** From `g` to the letter of the page. */
const PAUSE_MS = 1000;

/** `u` upload; `g` and then `u` `f` `e` `i` for the pages; `/` for the search field of the page that has one. */
export function useKeyboard(): void {
  useEffect(() => {
    let wentAt = -Infinity;
    const press = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      const isSecond = event.timeStamp - wentAt < PAUSE_MS;
      wentAt = event.key === 'g' ? event.timeStamp : -Infinity;
      const page = isSecond || event.key === 'u' ? GO[event.key] : undefined;
      if (page !== undefined) location.hash = hashOf(page);
      if (event.key !== '/') return;
      const search = document.querySelector('input[type="search"]');
      if (!(search instanceof HTMLElement)) return;
      event.preventDefault();
      search.focus();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('input, textarea, select, [contenteditable]') !== null;
}
