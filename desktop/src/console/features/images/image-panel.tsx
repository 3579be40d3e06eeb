import { ActionIcon, Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState, type KeyboardEvent, type ReactNode } from 'react';
import { formatBytes, formatCount, formatInstant } from '@imagefleet/shared/common/text/quantities.ts';
import { useHost } from '#console/api/host-context.tsx';
import { QUERY } from '#console/api/queries.ts';
import { useTexts } from '#console/i18n/language-context.tsx';
import { FailureNote } from '#console/ui/failure-note.tsx';
import { ImageLinks } from './image-links.tsx';
import { nameOf, type ImageEntry } from './image-name.ts';
import { ImagePreview } from './image-preview.tsx';
import { PANEL_TEXTS } from './panel-texts.ts';
import { ReplicaMarks } from './replica-marks.tsx';
import { SidePanel } from './side-panel.tsx';
import styles from './side-panel.module.css';

/** While a copy is on its way its mark changes soon after it has arrived. */
const WAITING_REFRESH_MS = 2000;

interface Props {
  readonly path: string;
  /** What the list knows of it already. */
  readonly listed: ImageEntry | undefined;
  readonly onStep: (step: -1 | 1) => void;
  readonly onClose: () => void;
}

/** One image: how it looks, what is known of it, which servers hold it, and its link. */
export function ImagePanel({ path, listed, onStep, onClose }: Props): ReactNode {
  const { api } = useHost();
  const t = useTexts('image-panel', PANEL_TEXTS);
  const { data, error } = useQuery({
    queryKey: [QUERY.images, path],
    queryFn: () => api.getImage({ path }),
    refetchInterval: ({ state }) =>
      state.data?.replicas.some((one) => one.state === 'pending') === true && WAITING_REFRESH_MS,
  });
  const image = data ?? listed;
  const press = (event: KeyboardEvent): void => {
    if (event.target instanceof HTMLInputElement || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'ArrowLeft' || event.key === 'ArrowUp') onStep(-1);
    else if (event.key === 'ArrowRight' || event.key === 'ArrowDown') onStep(1);
    else return;
    event.preventDefault();
  };
  const tools = (
    <>
      <ActionIcon variant="subtle" color="gray" aria-label={t('previous')} onClick={() => onStep(-1)}>
        ‹
      </ActionIcon>
      <ActionIcon variant="subtle" color="gray" aria-label={t('next')} onClick={() => onStep(1)}>
        ›
      </ActionIcon>
    </>
  );
  return (
    <SidePanel
      title={image === undefined ? t('image') : nameOf(image)}
      subject={path}
      onClose={onClose}
      onKey={press}
      tools={tools}
    >
      {image === undefined && error !== null && <FailureNote error={error} />}
      {image !== undefined && (
        <>
          <ImagePreview key={path} image={image} />
          <ReplicaMarks replicas={data?.replicas} />
          <ImageLinks image={{ link: image.link, name: nameOf(image) }} />
          <Button component="a" href={image.link} target="_blank" rel="noreferrer" size="xs" variant="default">
            {t('open')}
          </Button>
          <Facts image={image} />
        </>
      )}
    </SidePanel>
  );
}

function Facts({ image }: { readonly image: ImageEntry }): ReactNode {
  const t = useTexts('image-panel', PANEL_TEXTS);
  const [now] = useState(() => Date.now());
  const { sizeBytes } = image;
  const facts = [
    ['path', image.path],
    ['size', `${formatBytes(sizeBytes)} (${formatCount(sizeBytes)} B)`],
    ['type', image.mediaType],
    ['created', formatInstant(image.createdAt, now)],
    ['sha256', image.sha256],
  ] as const;
  return (
    <dl className={styles['facts']}>
      {facts.map(([name, value]) => (
        <div key={name} style={{ display: 'contents' }}>
          <dt>{t(name)}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
