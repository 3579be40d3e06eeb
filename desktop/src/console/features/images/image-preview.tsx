import { Button } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { formatBytes } from '@imagefleet/shared/common/text/quantities.ts';
import { useHost } from '#console/api/host-context.tsx';
import { useTexts } from '#console/i18n/language-context.tsx';
import { nameOf, type ImageEntry } from './image-name.ts';
import { PANEL_TEXTS } from './panel-texts.ts';
import styles from './side-panel.module.css';

/** Larger ones are loaded when somebody asks: the browser would hold them whole. */
const MAX_BYTES = 32 * 1024 * 1024;

export function ImagePreview({ image }: { readonly image: ImageEntry }): ReactNode {
  const host = useHost();
  const t = useTexts('image-panel', PANEL_TEXTS);
  const [isBroken, setBroken] = useState(false);
  const [isWanted, setWanted] = useState(image.sizeBytes <= MAX_BYTES);
  if (isBroken) return <div className={styles['preview']}>{t('noPreview', { type: image.mediaType })}</div>;
  if (isWanted) {
    return (
      <div className={styles['preview']}>
        <img src={host.imageUrl(image.path)} alt={nameOf(image)} onError={() => setBroken(true)} />
      </div>
    );
  }
  return (
    <div className={styles['preview']}>
      {t('large', { size: formatBytes(image.sizeBytes) })}
      <Button size="xs" variant="default" onClick={() => setWanted(true)}>
        {t('showLarge')}
      </Button>
    </div>
  );
}
