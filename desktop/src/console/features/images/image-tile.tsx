import { memo, useState, type ReactNode } from 'react';
import { formatBytes, formatInstant } from '@imagefleet/shared/common/text/quantities.ts';
import { nameOf, type ImageEntry } from './image-name.ts';
import { Thumbnail } from './thumbnail.tsx';
import type { ImageView } from './image-view.ts';
import styles from './image-grid.module.css';

interface Props {
  readonly image: ImageEntry;
  readonly index: number;
  readonly count: number;
  readonly view: ImageView;
  /** The keys act on it. */
  readonly isActive: boolean;
  /** It is open beside the list. */
  readonly isOpen: boolean;
  readonly onOpen: (index: number) => void;
}

/** One image of the list: a tile, or a row with what is known of it. */
export const ImageTile = memo(function ImageTile(props: Props): ReactNode {
  const { image, index, count, view, isActive, isOpen, onOpen } = props;
  const [now] = useState(() => Date.now());
  return (
    <div
      id={tileId(index)}
      role="option"
      aria-selected={isOpen}
      aria-setsize={count}
      aria-posinset={index + 1}
      className={styles[view === 'tiles' ? 'tile' : 'line']}
      data-is-active={isActive}
      onClick={() => onOpen(index)}
    >
      <Thumbnail key={image.path} image={image} />
      <span className={styles['name']} aria-hidden="true" title={nameOf(image)}>
        {nameOf(image)}
      </span>
      {view === 'rows' && <span className={styles['path']}>{image.path}</span>}
      <span className={styles['size']}>{formatBytes(image.sizeBytes)}</span>
      {view === 'rows' && <span className={styles['time']}>{formatInstant(image.createdAt, now)}</span>}
    </div>
  );
});

export function tileId(index: number): string {
  return `image-${String(index)}`;
}
