import { useLayoutEffect, useRef, type RefObject } from 'react';
import { pixelsMoved, type LaidOut } from './grid-motion.ts';

interface Kept {
  readonly laidOut: LaidOut;
  readonly listKey: string;
  /** The image that stays where it is, and how far the list was scrolled for it. */
  readonly anchor: string | undefined;
  readonly topPx: number;
}

/** Keeps what is looked at where it is, whatever comes above it; another list begins at its top. */
export function useKeptPlace(scroller: RefObject<HTMLElement | null>, laidOut: LaidOut, listKey: string): void {
  const kept = useRef<Kept>({ laidOut, listKey, anchor: undefined, topPx: 0 });
  useLayoutEffect(() => {
    const element = scroller.current;
    const before = kept.current;
    if (element === null || before.laidOut === laidOut) return;
    const anchor = anchorOf(before, element.scrollTop);
    const index = anchor === undefined ? -1 : before.laidOut.paths.indexOf(anchor);
    if (before.listKey !== listKey) element.scrollTo({ top: 0 });
    // Who looks at the top wants the top.
    else if (element.scrollTop > 0) {
      element.scrollTo({ top: element.scrollTop + pixelsMoved(before.laidOut, laidOut, index) });
    }
    kept.current = { laidOut, listKey, anchor, topPx: element.scrollTop };
  }, [scroller, laidOut, listKey]);
}

/**
 * The image in the first row that is seen. Until somebody scrolls it is the same one: single images that come above push it
 * through its row, and a new anchor each time would let it slip into the next one unnoticed.
 */
function anchorOf({ laidOut, anchor, topPx }: Kept, scrollTop: number): string | undefined {
  if (anchor !== undefined && Math.abs(scrollTop - topPx) < 1 && laidOut.paths.includes(anchor)) return anchor;
  return laidOut.paths[Math.round(scrollTop / laidOut.rowPx) * laidOut.columns];
}
