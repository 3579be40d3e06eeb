import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { LiveEvent } from '#console/api/host.ts';
import { useHost } from '#console/api/host-context.tsx';
import { useLiveEvents, useLiveState } from '#console/api/live.tsx';
import { QUERY, REFRESH_MS } from '#console/api/queries.ts';
import type { ImageEntry } from './image-name.ts';

const PAGE_SIZE = 200;
/** A list so short is asked for anew as images come; a longer one only when somebody asks, for it costs a call a page. */
const LIVE_PAGES = 3;
const GAP_MS = 1000;

interface Wanted {
  readonly day: string | undefined;
  readonly search: string | undefined;
  readonly isReady: boolean;
}

export interface ImageList {
  readonly images: readonly ImageEntry[];
  /** Other for another question: then the list begins at its top. */
  readonly key: string;
  readonly isPending: boolean;
  readonly isComplete: boolean;
  readonly error: unknown;
  readonly hasNews: boolean;
  readonly loadMore: () => void;
  readonly refresh: () => void;
}

/** The images of a day or a search, page by page in the order of their paths. */
export function useImageList({ day, search, isReady }: Wanted): ImageList {
  const { api } = useHost();
  const query = useInfiniteQuery({
    queryKey: [QUERY.imageList, day ?? null, search ?? null],
    queryFn: ({ pageParam }) => api.listImages({ day, q: search, cursor: pageParam, limit: PAGE_SIZE }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    enabled: isReady,
    placeholderData: keepPreviousData,
    refetchOnWindowFocus: false,
    refetchInterval: ({ state }) => ((state.data?.pages.length ?? 0) <= LIVE_PAGES ? REFRESH_MS : false),
  });
  const { data, refetch, fetchNextPage, hasNextPage, isFetching, isError } = query;
  const isShort = (data?.pages.length ?? 0) <= LIVE_PAGES;
  const key = JSON.stringify([day, search]);
  const news = useNews({ key, day, isShort, refetch: useCallback(() => void refetch(), [refetch]) });
  const images = useMemo(() => data?.pages.flatMap((page) => page.images) ?? [], [data]);
  // Without the check for a failure a page that cannot be had would be asked for again and again.
  const mayLoad = hasNextPage && !isFetching && !isError;
  const loadMore = useCallback(() => {
    if (mayLoad) void fetchNextPage();
  }, [mayLoad, fetchNextPage]);
  return {
    images,
    key,
    isPending: query.isPending || query.isPlaceholderData,
    isComplete: !hasNextPage,
    error: query.error,
    hasNews: news.hasNews,
    loadMore,
    refresh: news.refresh,
  };
}

interface NewsInput {
  readonly key: string;
  readonly day: string | undefined;
  readonly isShort: boolean;
  readonly refetch: () => void;
}

/** Images that came in while the list is shown: a short list takes them up by itself, a long one says that they are there. */
function useNews({ key, day, isShort, refetch }: NewsInput): {
  readonly hasNews: boolean;
  readonly refresh: () => void;
} {
  // Of the list that they belong to, so that another list begins without them.
  const [newsOf, setNewsOf] = useState<string | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(
    () => () => {
      clearTimeout(timer.current);
      timer.current = undefined;
    },
    [refetch],
  );
  const hear = useCallback(
    ({ kind, data }: LiveEvent) => {
      if (kind !== 'image' || !isOfDay(data['path'], day)) return;
      if (!isShort) return setNewsOf(key);
      timer.current ??= setTimeout(() => {
        timer.current = undefined;
        refetch();
      }, GAP_MS);
    },
    [key, day, isShort, refetch],
  );
  useLiveEvents(hear);
  const live = useLiveState();
  const [wasLost, setLost] = useState(false);
  if (live === 'lost' && !wasLost) setLost(true);
  if (live === 'live' && wasLost) {
    // What came meanwhile nobody told; a short list is asked for anew all the time.
    setLost(false);
    if (!isShort) setNewsOf(key);
  }
  const refresh = useCallback(() => {
    setNewsOf(null);
    refetch();
  }, [refetch]);
  return { hasNews: newsOf === key, refresh };
}

function isOfDay(path: unknown, day: string | undefined): boolean {
  if (day === undefined) return true;
  return typeof path === 'string' && path.startsWith(`${day.split('-').map(Number).join('/')}/`);
}
