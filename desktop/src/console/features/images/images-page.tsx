import { Button } from '@mantine/core';
import { useCallback, useMemo, useRef, useState, type ReactNode } from 'react';
import { formatCount } from '@imagefleet/shared/common/text/quantities.ts';
import { useSession } from '#console/api/host-context.tsx';
import { useServers } from '#console/api/queries.ts';
import { useTexts } from '#console/i18n/language-context.tsx';
import { Page } from '#console/ui/page.tsx';
import { usePlaceQuery, type PlaceStep } from '#console/ui/use-place-query.ts';
import { useRemembered } from '#console/ui/use-remembered.ts';
import { answerLine } from './answer-line.ts';
import { ImageFinds } from './image-finds.tsx';
import { ImagePanel } from './image-panel.tsx';
import { imagePlaceOf, queryOfPlace, searchOf, shownDay, type ImagePlace } from './image-place.ts';
import { ImageToolbar } from './image-toolbar.tsx';
import { IMAGE_VIEWS } from './image-view.ts';
import { IMAGES_TEXTS } from './images-texts.ts';
import { ProofPanel } from './proof-panel.tsx';
import { useImageList, type ImageList } from './use-image-list.ts';
import { useToday } from './use-today.ts';
import styles from './images-page.module.css';

/** Where is that picture? Search and days, one image with its servers, and the proof that all have the same. */
export function ImagesPage(): ReactNode {
  const t = useTexts('images', IMAGES_TEXTS);
  const [place, go] = useImagePlace();
  const [view, setView] = useRemembered('images-view', IMAGE_VIEWS);
  const [isProofOpen, setProofOpen] = useState(false);
  const today = useToday();
  const day = shownDay(place, today ?? '');
  const search = searchOf(place.q);
  const list = useImageList({ day, search, isReady: day !== '' });
  const area = useRef<HTMLDivElement>(null);

  const open = useCallback(
    (path: string | null): void => {
      setProofOpen(false);
      go({ path }, 'replace');
      // The list goes on hearing the keys where the panel was.
      if (path === null) area.current?.querySelector<HTMLElement>('[role="listbox"]')?.focus();
    },
    [go],
  );
  const find = useCallback((q: string) => go({ q, path: null }, 'replace'), [go]);
  const choose = useCallback((chosen: string) => go({ day: chosen, path: null }, 'push'), [go]);
  const at = list.images.findIndex(({ path }) => path === place.path);
  const step = (by: -1 | 1): void => {
    const next = at < 0 ? undefined : list.images[at + by];
    if (next !== undefined) open(next.path);
  };
  return (
    <Page
      title={t('title')}
      answer={<Answer list={list} day={day} isSearch={search !== undefined} />}
      actions={
        <Button size="xs" variant="default" onClick={() => setProofOpen(true)}>
          {t('proof')}
        </Button>
      }
    >
      <div className={styles['page']}>
        <ImageToolbar
          q={place.q}
          onSearch={find}
          {...{ day: day === '' ? undefined : day, today, view }}
          onDay={choose}
          onView={setView}
        />
        <div ref={area} className={styles['area']}>
          <ImageFinds {...{ list, view, day, search }} openPath={place.path} onOpen={open} onGo={go} />
          {isProofOpen && <ProofPanel onClose={() => setProofOpen(false)} />}
          {!isProofOpen && place.path !== null && (
            <ImagePanel path={place.path} listed={list.images[at]} onStep={step} onClose={() => open(null)} />
          )}
        </div>
      </div>
    </Page>
  );
}

interface AnswerProps {
  readonly list: ImageList;
  readonly day: string | undefined;
  readonly isSearch: boolean;
}

function Answer({ list, day, isSearch }: AnswerProps): ReactNode {
  const t = useTexts('images', IMAGES_TEXTS);
  const { server } = useSession();
  const total = useServers().data?.servers.find(({ name }) => name === server)?.images ?? null;
  if (list.isPending) return t('loading');
  const { key, count } = answerLine({ count: list.images.length, isComplete: list.isComplete, isSearch, day, total });
  return t(key, { count, shown: formatCount(count), day: day ?? '', server });
}

type Go = (change: Partial<ImagePlace>, step: PlaceStep) => void;

/** The place in the address, and a way to change a part of it. */
function useImagePlace(): readonly [ImagePlace, Go] {
  const [query, setQuery] = usePlaceQuery();
  const place = useMemo(() => imagePlaceOf(query), [query]);
  const go = useCallback<Go>(
    (change, step) => setQuery(queryOfPlace({ ...place, ...change }), step),
    [place, setQuery],
  );
  return [place, go];
}
