import { useLayoutEffect, useRef, type RefObject } from 'react';
import { pixelsMoved, type LaidOut } from './grid-motion.ts';

/** Keeps what is looked at where it is, whatever comes above it; another list begins at its top. */
export function useKeptPlace(scroller: RefObject<HTMLElement | null>, laidOut: LaidOut, listKey: string): void {
  const last = useRef({ laidOut, listKey });
  useLayoutEffect(() => {
    const before = last.current;
    last.current = { laidOut, listKey };
    const element = scroller.current;
    if (element === null) return;
    if (before.listKey !== listKey) {
      element.scrollTo({ top: 0 });
      return;
    }
    // Who looks at the top wants the top.
    if (before.laidOut === laidOut || element.scrollTop === 0) return;
    const { rowPx, columns } = before.laidOut;
    const firstSeen = Math.round(element.scrollTop / rowPx) * columns;
    element.scrollTo({ top: element.scrollTop + pixelsMoved(before.laidOut, laidOut, firstSeen) });
  }, [scroller, laidOut, listKey]);
}
