import { formatBytes, formatCount, formatSeconds } from '@imagefleet/shared/common/text/quantities.ts';
import type { QueueView } from './upload-queue.ts';
import type { UploadTranslate } from './use-upload-texts.ts';

/** The first line of the page: how far it is, or what came of it. */
export function firstLine(view: QueueView, t: UploadTranslate): string {
  return view.tally.openFiles > 0 ? progressLine(view, t) : outcomeLine(view, t);
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
    if (secondsLeft !== null) parts.push(t('left', { time: formatSeconds(Math.max(1, Math.round(secondsLeft))) }));
  }
  if (tally.counts.failed > 0) parts.push(countOf(t, 'failedCount', tally.counts.failed));
  return parts.join(' · ');
}

function outcomeLine({ tally: { counts } }: QueueView, t: UploadTranslate): string {
  const inFleet = counts.done + counts.present;
  if (inFleet + counts.failed === 0) return t('nothingLeft');
  const parts: string[] = [];
  if (inFleet > 0)
    parts.push(countOf(t, counts.failed + counts.cancelled === 0 ? 'finished' : 'finishedPart', inFleet));
  if (counts.present > 0) parts.push(countOf(t, 'werePresent', counts.present));
  if (counts.failed > 0) parts.push(countOf(t, 'failedCount', counts.failed));
  return parts.join(' ');
}

/** A text with a number in it, in its right plural and with thousands separators. */
export function countOf(t: UploadTranslate, key: Parameters<UploadTranslate>[0], count: number): string {
  return t(key, { count, shown: formatCount(count) });
}
