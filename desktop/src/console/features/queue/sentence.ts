import { formatBytes, formatCount } from '@imagefleet/shared/common/text/quantities.ts';
import { joinSentences, type Language } from '#console/i18n/language.ts';
import { formatCountdown } from '#console/ui/countdown.ts';
import { failureSentence } from './failure-sentence.ts';
import type { FeedView } from './queue-feed.ts';
import type { QueueStatus } from './queue-types.ts';
import { openOf, settledOf, type Tally } from './tally.ts';
import { countOf, type QueueTranslate } from './use-queue-texts.ts';

export interface Speech {
  readonly t: QueueTranslate;
  readonly language: Language;
}

/** This upload: what was done before it began does not count. */
export interface Progress {
  readonly done: Tally;
  readonly total: Tally;
  /** From 0 to 1: by bytes, and by files where they have none. */
  readonly share: number;
}

export function progressOf(status: QueueStatus, before: Tally): Progress {
  const [settled, open] = [settledOf(status), openOf(status)];
  const done = { files: settled.files - before.files, bytes: settled.bytes - before.bytes + status.bytesUnderWay };
  const total = { files: done.files + open.files, bytes: settled.bytes - before.bytes + open.bytes };
  const share = total.bytes > 0 ? done.bytes / total.bytes : done.files / Math.max(1, total.files);
  return { done, total, share: Math.min(1, share) };
}

/** The first line of the page: how far it is, or what came of it. */
export function firstLine({ status, before }: FeedView, speech: Speech): string {
  if (status === null) return speech.t('asking');
  return openOf(status).files > 0 ? progressLine(status, before, speech.t) : outcomeLine(status, speech);
}

/** What somebody hears who does not see the page. */
export function announcement(view: FeedView, speech: Speech): string {
  const holding = view.status === null ? null : holdingOf(view.status);
  return holding === null ? firstLine(view, speech) : failureSentence(holding.code, speech.language).title;
}

/** What keeps files from going out that would go out else; nothing where somebody paused them. */
export function holdingOf(status: QueueStatus): QueueStatus['holding'] {
  return status.isPaused || openOf(status).files === 0 ? null : status.holding;
}

function progressLine(status: QueueStatus, before: Tally, t: QueueTranslate): string {
  const { done, total } = progressOf(status, before);
  const { isPaused, holding, bytesPerSecond, secondsLeft, counts } = status;
  const parts = [
    t('progress', {
      ...{ done: formatCount(done.files), total: formatCount(total.files) },
      ...{ doneBytes: formatBytes(done.bytes), totalBytes: formatBytes(total.bytes) },
    }),
  ];
  if (isPaused) parts.unshift(t('paused'));
  else if (holding === null) {
    if (bytesPerSecond !== null && bytesPerSecond > 0) parts.push(t('speed', { speed: formatBytes(bytesPerSecond) }));
    if (secondsLeft !== null) parts.push(t('left', { time: formatCountdown(Math.max(1, Math.round(secondsLeft))) }));
  }
  if (counts.failed.files > 0) parts.push(countOf(t, 'failedCount', counts.failed.files));
  return parts.join(' · ');
}

function outcomeLine({ counts }: QueueStatus, { t, language }: Speech): string {
  const inFleet = counts.done.files + counts.present.files;
  const failed = counts.failed.files;
  if (inFleet + failed === 0) return t('nothingLeft');
  const parts: string[] = [];
  if (inFleet > 0) parts.push(countOf(t, failed + counts.cancelled.files === 0 ? 'finished' : 'finishedPart', inFleet));
  if (counts.present.files > 0) parts.push(countOf(t, 'werePresent', counts.present.files));
  if (failed > 0) parts.push(countOf(t, 'failedCount', failed));
  return joinSentences(parts, language);
}
