import { describe, expect, it } from 'vitest';
import type { Language } from '#console/i18n/language.ts';
import { speak } from '#console/i18n/testing/speak.ts';
import { announcement, firstLine, troubleOf, type Speech } from './sentence.ts';
import { EMPTY_TALLY, type Tally } from './tally.ts';
import { UPLOAD_TEXTS } from './upload-texts.ts';
import type { QueueView } from './upload-queue.ts';

function speech(language: Language): Speech {
  return { t: speak(language, UPLOAD_TEXTS), language };
}

function viewOf(counts: Partial<Tally['counts']>, change: Partial<QueueView> = {}): QueueView {
  const all = { ...EMPTY_TALLY.counts, ...counts };
  const openFiles = all.queued + all.uploading;
  const files = openFiles + all.done + all.present + all.failed;
  const tally = { ...EMPTY_TALLY, counts: all, files, openFiles, bytes: files * 1024, progressBytes: all.done * 1024 };
  return {
    ...{ at: 0, order: [], tally, isPaused: false, holding: null, bytesPerSecond: null, secondsLeft: null },
    ...change,
  };
}

it.each<[string, QueueView, string, string]>([
  [
    'under way',
    viewOf({ queued: 6880, done: 3120 }, { bytesPerSecond: 1024 * 1024, secondsLeft: 200 }),
    '3,120 of 10,000 files, 3.0 MB of 9.8 MB · 1.0 MB/s · 3 min 20 s left',
    '已完成 3,120 / 10,000 个文件，3.0 MB / 9.8 MB · 1.0 MB/s · 还需 3 min 20 s',
  ],
  [
    'paused',
    viewOf({ queued: 1, done: 1 }, { isPaused: true, bytesPerSecond: 5, secondsLeft: 5 }),
    'Paused · 1 of 2 files, 1.0 KB of 2.0 KB',
    '已暂停 · 已完成 1 / 2 个文件，1.0 KB / 2.0 KB',
  ],
  ['all there', viewOf({ done: 1 }), '1 image is in the fleet.', '共 1 张，已全部上传。'],
  [
    'over with duplicates and failures',
    viewOf({ done: 8, present: 2, failed: 1 }, {}),
    '10 images are in the fleet. 2 were duplicates and not sent again. 1 failed.',
    '已上传 10 张图片。其中 2 张重复，没有再次上传。1 张失败。',
  ],
  ['cancelled', viewOf({ cancelled: 3 }), 'Nothing was uploaded.', '没有上传任何图片。'],
])('says in both languages what is %s', (_name, view, en, zh) => {
  expect([firstLine(view, speech('en')), firstLine(view, speech('zh'))]).toEqual([en, zh]);
});

describe('what is announced', () => {
  const holding = { until: 1000, failure: { code: 'PEER_UNREACHABLE', message: 'x' } } as const;
  const held = viewOf({ queued: 3 }, { holding });

  it('is why nothing goes out', () => {
    expect(announcement(held, speech('en'))).toBe('The connection to the server is lost');
    expect(announcement(held, speech('zh'))).toBe('与服务器的连接断了');
  });

  it.each<[string, QueueView]>([
    ['somebody paused it', { ...held, isPaused: true }],
    ['so much has gone out that the line must be there', { ...held, tally: { ...held.tally, sentBytes: 2 ** 20 } }],
    ['nothing is left to go out', viewOf({ done: 1 }, { holding })],
  ])('is how far it is when %s', (_name, view) => {
    expect(troubleOf(view)).toBeNull();
    expect(announcement(view, speech('en'))).toBe(firstLine(view, speech('en')));
  });
});
