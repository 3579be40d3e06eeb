import { describe, expect, it } from 'vitest';
import { speak } from '#console/i18n/testing/speak.ts';
import { aStatus, items } from '#console/testing/fake-queue.ts';
import type { FeedView } from './queue-feed.ts';
import { QUEUE_TEXTS } from './queue-texts.ts';
import type { QueueStatus } from './queue-types.ts';
import { announcement, firstLine, progressOf, type Speech } from './sentence.ts';

const en: Speech = { t: speak('en', QUEUE_TEXTS), language: 'en' };
const zh: Speech = { t: speak('zh', QUEUE_TEXTS), language: 'zh' };

function view(status: QueueStatus | null, before = 0): FeedView {
  return { status, error: null, refusal: null, recovery: null, before: { files: before, bytes: before * 1000 } };
}

const running = [...items(2, 'done'), ...items(2, 'queued', 3)];
const holding = { code: 'PEER_UNREACHABLE', message: 'refused', since: 0 } as const;

describe('the first line', () => {
  it.each([
    [aStatus(running), '2 of 4 files, 2.0 KB of 3.9 KB', '已完成 2 / 4 个文件，2.0 KB / 3.9 KB'],
    [
      aStatus(running, { bytesPerSecond: 2048, secondsLeft: 9, bytesUnderWay: 500 }),
      '2 of 4 files, 2.4 KB of 3.9 KB · 2.0 KB/s · 9 s left',
      '已完成 2 / 4 个文件，2.4 KB / 3.9 KB · 2.0 KB/s · 还需 9 s',
    ],
    [
      aStatus(running, { isPaused: true, bytesPerSecond: 2048 }),
      'Paused · 2 of 4 files, 2.0 KB of 3.9 KB',
      '已暂停 · 已完成 2 / 4 个文件，2.0 KB / 3.9 KB',
    ],
    [
      aStatus(running, { holding, bytesPerSecond: 2048 }),
      '2 of 4 files, 2.0 KB of 3.9 KB',
      '已完成 2 / 4 个文件，2.0 KB / 3.9 KB',
    ],
    [aStatus(items(2, 'done')), 'All 2 images of this list are in the fleet.', '列表中共 2 张图片，已全部上传。'],
    [
      aStatus([...items(2, 'done'), ...items(1, 'present', 3), ...items(1, 'failed', 4)]),
      '3 images are in the fleet. 1 was there before and was not sent again. 1 failed.',
      '已上传 3 张图片。其中 1 张早已存在，没有再次上传。1 张失败。',
    ],
    [aStatus(items(1, 'cancelled')), 'Nothing was uploaded.', '没有上传任何图片。'],
  ])('%# says how far it is, or what came of it', (status, english, chinese) => {
    expect([firstLine(view(status), en), firstLine(view(status), zh)]).toEqual([english, chinese]);
  });

  it('does not count what was in the fleet before this upload', () => {
    expect(firstLine(view(aStatus(running), 2), en)).toBe('0 of 2 files, 0 B of 2.0 KB');
    expect(progressOf(aStatus(running), { files: 2, bytes: 2000 }).share).toBe(0);
  });

  it('says that nothing is known yet', () => {
    expect(firstLine(view(null), en)).toBe('Asking the upload queue …');
  });
});

describe('what is announced', () => {
  it('is first what is in the way', () => {
    expect(announcement(view(aStatus(running, { holding })), zh)).not.toContain('已完成');
    expect(announcement(view(aStatus(running, { holding, isPaused: true })), en)).toMatch(/^Paused/);
    expect(announcement(view(aStatus(items(1, 'done'), { holding })), en)).toMatch(/in the fleet/);
  });
});

it('a total without bytes is told by files', () => {
  const empty = running.map((item) => ({ ...item, sizeBytes: 0 }));
  expect(progressOf(aStatus(empty), { files: 0, bytes: 0 }).share).toBe(0.5);
});
