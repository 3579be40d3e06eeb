import { useState, type ReactNode } from 'react';
import { formatBytes } from '@imagefleet/shared/common/text/quantities.ts';
import { useHost } from '#console/api/host-context.tsx';
import { useTexts } from '#console/i18n/language-context.tsx';
import { nameOf, type ImageEntry } from './image-name.ts';
import { IMAGES_TEXTS } from './images-texts.ts';
import styles from './image-grid.module.css';

/** A thumbnail is the image itself: what is larger would be fetched whole for a few pixels. */
const MAX_BYTES = 8 * 1024 * 1024;

/** A small picture of an image; words where the browser cannot show one. */
export function Thumbnail({ image }: { readonly image: ImageEntry }): ReactNode {
  const host = useHost();
  const t = useTexts('images', IMAGES_TEXTS);
  const [isBroken, setBroken] = useState(false);
  const isTooLarge = image.sizeBytes > MAX_BYTES;
  if (!isBroken && !isTooLarge) {
    return (
      <span className={styles['picture']}>
        <img
          src={host.imageUrl(image.path)}
          alt={nameOf(image)}
          loading="lazy"
          decoding="async"
          draggable={false}
          onError={() => setBroken(true)}
        />
      </span>
    );
  }
  const why = isTooLarge ? t('tooLargeForTile', { size: formatBytes(image.sizeBytes) }) : t('noPreview');
  return (
    <span className={styles['picture']} data-is-empty="true" role="img" aria-label={nameOf(image)}>
      <span aria-hidden="true">
        {image.mediaType.replace('image/', '')}
        <br />
        {why}
      </span>
    </span>
  );
}
