import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import type { PlaceStep } from '#console/ui/use-place-query.ts';
import { useTexts } from '#console/i18n/language-context.tsx';
import { EmptyState } from '#console/ui/empty-state.tsx';
import { FailureNote } from '#console/ui/failure-note.tsx';
import { ImageGrid } from './image-grid.tsx';
import { ALL_DAYS, type ImagePlace } from './image-place.ts';
import type { ImageView } from './image-view.ts';
import { IMAGES_TEXTS } from './images-texts.ts';
import type { ImageList } from './use-image-list.ts';
import styles from './images-page.module.css';

interface Props {
  readonly list: ImageList;
  readonly view: ImageView;
  readonly day: string | undefined;
  readonly search: string | undefined;
  readonly openPath: string | null;
  readonly onOpen: (path: string) => void;
  readonly onGo: (change: Partial<ImagePlace>, step: PlaceStep) => void;
}

/** What was found, or what to do where nothing was. */
export function ImageFinds({ list, view, day, search, openPath, onOpen, onGo }: Props): ReactNode {
  const t = useTexts('images', IMAGES_TEXTS);
  const isEmpty = list.images.length === 0;
  return (
    <div className={styles['finds']} aria-busy={list.isPending}>
      {list.error !== null && (
        <div className={styles['note']}>
          <FailureNote error={list.error} />
          <Button size="xs" variant="default" onClick={list.refresh}>
            {t('again')}
          </Button>
        </div>
      )}
      {list.hasNews && (
        <p className={styles['news']} role="status">
          {t('news')}{' '}
          <Button size="compact-xs" variant="light" onClick={list.refresh}>
            {t('refresh')}
          </Button>
        </p>
      )}
      {isEmpty && !list.isPending && list.error === null && <Nothing day={day} search={search} onGo={onGo} />}
      {!isEmpty && (
        <ImageGrid
          images={list.images}
          listKey={list.key}
          view={view}
          openPath={openPath}
          onOpen={onOpen}
          onEnd={list.loadMore}
        />
      )}
    </div>
  );
}

function Nothing({ day, search, onGo }: Pick<Props, 'day' | 'search' | 'onGo'>): ReactNode {
  const t = useTexts('images', IMAGES_TEXTS);
  const allDays = (text: string): ReactNode =>
    day !== undefined && (
      <Button size="xs" variant="default" onClick={() => onGo({ day: ALL_DAYS }, 'push')}>
        {text}
      </Button>
    );
  const upload = (
    <Button size="xs" component="a" href="#/upload">
      {t('toUpload')}
    </Button>
  );
  if (search !== undefined) {
    const clear = (
      <Button size="xs" variant="default" onClick={() => onGo({ q: '' }, 'replace')}>
        {t('clearSearch')}
      </Button>
    );
    return (
      <EmptyState
        title={t('notFound', { q: search })}
        action={
          <div className={styles['ways']}>
            {allDays(t('searchAllDays'))}
            {clear}
          </div>
        }
      >
        {t('notFoundHint')}
      </EmptyState>
    );
  }
  if (day === undefined) {
    return (
      <EmptyState title={t('noneYet')} action={upload}>
        {t('noneYetHint')}
      </EmptyState>
    );
  }
  return (
    <EmptyState
      title={t('noneOnDay', { day })}
      action={
        <div className={styles['ways']}>
          {allDays(t('allDays'))}
          {upload}
        </div>
      }
    >
      {t('noneOnDayHint')}
    </EmptyState>
  );
}
