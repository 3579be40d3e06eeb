import type { PageName } from './pages.ts';

/** Not every program has every page. */
export const GO: Readonly<Record<string, PageName>> = {
  ...{ u: 'upload', f: 'fleet', e: 'errors', i: 'images', s: 'settings' },
};
/** From `g` to the letter of the page. */
const PAUSE_MS = 1000;

/** Of a KeyboardEvent. */
type Stroke = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'timeStamp'>;

/** What an operator means by keys that are pressed outside of fields, one after the other. */
export class KeyStrokes {
  #wentAt = -Infinity;

  /** A page to go to, the search field, the list of the keys, or nothing of ours. */
  press({ key, ctrlKey, metaKey, altKey, timeStamp }: Stroke): PageName | 'search' | 'keys' | null {
    if (ctrlKey || metaKey || altKey) return null;
    const isSecond = timeStamp - this.#wentAt < PAUSE_MS;
    this.#wentAt = key === 'g' ? timeStamp : -Infinity;
    if (key === '/') return 'search';
    if (key === '?') return 'keys';
    return isSecond || key === 'u' ? (GO[key] ?? null) : null;
  }
}
