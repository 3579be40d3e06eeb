import { formatBytes, formatCount } from '@imagefleet/shared/common/text/quantities.ts';
import { joinSentences, type Language } from '#console/i18n/language.ts';
import { formatCountdown } from '#console/ui/countdown.ts';
import { failureSentence } from './failure-sentence.ts';
import type { Holding } from './hold.ts';
import type { QueueView } from './upload-queue.ts';
import type { UploadTranslate } from './use-upload-texts.ts';

/** When so much has gone out again, the line is there: a small file may go out and be lost all the same. */
const FLOWING_BYTES = 1024 * 1024;

export interface Speech {
  readonly t: UploadTranslate;
  readonly language: Language;
}

/** The first line of the page: how far it is, or what came of it. */
export function firstLine(view: QueueView, speech: Speech): string {
  return view.tally.openFiles > 0 ? progressLine(view, speech.t) : outcomeLine(view, speech);
}

/** What somebody hears who does not see the page. */
export function announcement(view: QueueView, speech: Speech): string {
  const trouble = troubleOf(view);
  return trouble === null ? firstLine(view, speech) : failureSentence(trouble.failure.code, speech.language).title;
}

/** What keeps files from going out that would go out else; nothing where somebody paused them. */
export function troubleOf({ holding, tally, isPaused }: QueueView): Holding | null {
  return tally.openFiles === 0 || isPaused || tally.sentBytes >= FLOWING_BYTES ? null : holding;
}

function progressLine(view: QueueView, t: UploadTranslate): string {
  const { tally, isPaused, holding, bytesPerSecond, secondsLeft } = view;
  const parts = [
    t('progress', {
      done: formatCount(tally.counts.done + tally.counts.present),
      total: formatCount(tally.files),
      doneBytes: formatBytes(tally.progressBytes),
      totalBytes: formatBytes(tally.bytes),
    }),
  ];
  if (isPaused) parts.unshift(t('paused'));
  else if ((holding === null || tally.sentBytes > 0) && bytesPerSecond !== null) {
    // Where nothing is sent because the fleet has it all, there is no speed to tell.
    if (bytesPerSecond > 0) parts.push(t('speed', { speed: formatBytes(bytesPerSecond) }));
    if (secondsLeft !== null) parts.push(t('left', { time: formatCountdown(Math.max(1, Math.round(secondsLeft))) }));
  }
  if (tally.counts.failed > 0) parts.push(countOf(t, 'failedCount', tally.counts.failed));
  return parts.join(' · ');
}

function outcomeLine({ tally: { counts } }: QueueView, { t, language }: Speech): string {
  const inFleet = counts.done + counts.present;
  if (inFleet + counts.failed === 0) return t('nothingLeft');
  const parts: string[] = [];
  if (inFleet > 0)
    parts.push(countOf(t, counts.failed + counts.cancelled === 0 ? 'finished' : 'finishedPart', inFleet));
  if (counts.present > 0) parts.push(countOf(t, 'werePresent', counts.present));
  if (counts.failed > 0) parts.push(countOf(t, 'failedCount', counts.failed));
  return joinSentences(parts, language);
}

/** A text with a number in it, in its right plural and with thousands separators. */
export function countOf(t: UploadTranslate, key: Parameters<UploadTranslate>[0], count: number): string {
  return t(key, { count, shown: formatCount(count) });
}
