import { useElementSize, useMergedRef } from '@mantine/hooks';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useCallback, useEffect, useMemo, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { useTexts } from '#console/i18n/language-context.tsx';
import { columnsOf, moveBy } from './grid-motion.ts';
import type { ImageEntry } from './image-name.ts';
import { ImageTile, tileId } from './image-tile.tsx';
import { ROW_PX, type ImageView } from './image-view.ts';
import { IMAGES_TEXTS } from './images-texts.ts';
import { useKeptPlace } from './use-kept-place.ts';
import styles from './image-grid.module.css';

const OVERSCAN_ROWS = 4;
/** The next page is asked for so many rows before the last one is seen. */
const AHEAD_ROWS = 12;

interface Props {
  readonly images: readonly ImageEntry[];
  /** Other for another list. */
  readonly listKey: string;
  readonly view: ImageView;
  readonly openPath: string | null;
  readonly onOpen: (path: string) => void;
  readonly onEnd: () => void;
}

/** The images, as many as there are: only what is seen is in the page. Arrows move, Enter opens. */
export function ImageGrid({ images, listKey, view, openPath, onOpen, onEnd }: Props): ReactNode {
  const t = useTexts('images', IMAGES_TEXTS);
  const { ref: sized, width, height } = useElementSize();
  const scroller = useRef<HTMLDivElement>(null);
  const columns = view === 'rows' ? 1 : columnsOf(width);
  const rowPx = ROW_PX[view];
  const rows = Math.ceil(images.length / columns);
  const virtual = useVirtualizer({
    count: rows,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPx,
    overscan: OVERSCAN_ROWS,
  });
  useEffect(() => virtual.measure(), [virtual, rowPx]);
  const laidOut = useMemo(() => ({ paths: images.map(({ path }) => path), columns, rowPx }), [images, columns, rowPx]);
  useKeptPlace(scroller, laidOut, listKey);
  const shown = virtual.getVirtualItems();
  const lastRow = shown.at(-1)?.index ?? 0;
  useEffect(() => {
    if (lastRow + AHEAD_ROWS >= rows) onEnd();
  }, [lastRow, rows, onEnd]);

  const [activePath, setActivePath] = useActivePath(openPath);
  const active = Math.max(activePath === null ? 0 : laidOut.paths.indexOf(activePath), 0);
  const scrolledTo = useRef<string | null>(null);
  useEffect(() => {
    const index = openPath === null ? -1 : laidOut.paths.indexOf(openPath);
    if (index < 0 || scrolledTo.current === openPath) return;
    scrolledTo.current = openPath;
    virtual.scrollToIndex(Math.floor(index / columns));
  }, [openPath, laidOut, columns, virtual]);
  const isActiveShown = shown.some(({ index }) => index === Math.floor(active / columns));
  const open = useCallback(
    (index: number): void => {
      const path = laidOut.paths[index];
      if (path === undefined) return;
      setActivePath(path);
      onOpen(path);
    },
    [laidOut, onOpen, setActivePath],
  );
  const press = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const pageRows = Math.floor(height / rowPx);
    const to = moveBy(event.key, active, { count: images.length, columns, pageRows });
    if (to !== undefined) {
      setActivePath(laidOut.paths[to] ?? null);
      virtual.scrollToIndex(Math.floor(to / columns));
    } else if (event.key === 'Enter' || event.key === ' ') open(active);
    else return;
    event.preventDefault();
  };
  return (
    <div
      ref={useMergedRef(sized, scroller)}
      className={styles['scroller']}
      role="listbox"
      aria-label={t('list')}
      aria-activedescendant={isActiveShown ? tileId(active) : undefined}
      tabIndex={0}
      onKeyDown={press}
    >
      <div role="presentation" className={styles['space']} style={{ height: virtual.getTotalSize() }}>
        {shown.map(({ index: row, start }) => (
          <div
            key={row}
            role="presentation"
            className={styles['row']}
            style={{ transform: `translateY(${start}px)`, gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}
          >
            {images.slice(row * columns, (row + 1) * columns).map((image, column) => {
              const index = row * columns + column;
              return (
                <ImageTile
                  key={image.path}
                  {...{ image, index, view }}
                  count={images.length}
                  isActive={index === active}
                  isOpen={image.path === openPath}
                  onOpen={open}
                />
              );
            })}
          </div>
        ))}
      </div>
    </div>
  );
}

/** The image that the keys act on: the last one that was moved to or, from elsewhere, opened. */
function useActivePath(openPath: string | null): readonly [string | null, (path: string | null) => void] {
  const [activePath, setActivePath] = useState(openPath);
  const [knownOpen, setKnownOpen] = useState(openPath);
  if (knownOpen !== openPath) {
    setKnownOpen(openPath);
    if (openPath !== null) setActivePath(openPath);
  }
  return [activePath, setActivePath];
}
