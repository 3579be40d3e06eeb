import { formatCount } from '@imagefleet/shared/common/text/quantities.ts';
import { useTexts, type Translate } from '#console/i18n/language-context.tsx';
import { QUEUE_TEXTS } from './queue-texts.ts';

export type QueueTranslate = Translate<keyof typeof QUEUE_TEXTS.en>;

export function useQueueTexts(): QueueTranslate {
  return useTexts('queue', QUEUE_TEXTS);
}

/** A text with a number in it, in its right plural and with thousands separators. */
export function countOf<K extends string>(t: Translate<K>, key: Parameters<Translate<K>>[0], count: number): string {
  return t(key, { count, shown: formatCount(count) });
}
