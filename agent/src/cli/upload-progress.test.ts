import { expect, it, vi } from 'vitest';
import { startProgress } from './upload-progress.ts';

it('writes a line now and then where no bar can move', () => {
  vi.useFakeTimers();
  const lines: string[] = [];
  const progress = startProgress({
    totalFiles: 1200,
    totalBytes: 4096,
    isTerminal: false,
    err: (line) => lines.push(line),
    now: Date.now,
    words: { files: 'files', left: 'left' },
  });
  progress.addBytes(2048);
  progress.addFile();
  vi.advanceTimersByTime(5000);
  progress.addBytes(-2048);
  vi.advanceTimersByTime(5000);
  progress.stop();
  vi.advanceTimersByTime(60_000);
  vi.useRealTimers();
  // A thousand files take their time, however small they are.
  expect(lines).toEqual([
    '1/1,200 files | 2.0 KB/4.0 KB | 410 B/s | left 1 h 34 min',
    '1/1,200 files | 0 B/4.0 KB | 0 B/s | left 3 h 19 min',
  ]);
});
