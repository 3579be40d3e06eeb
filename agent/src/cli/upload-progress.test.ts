import { describe, expect, it, vi } from 'vitest';
import { SpeedMeter, startProgress } from './upload-progress.ts';

describe('the speed', () => {
  it('is the mean of the last ten seconds, not of the whole run', () => {
    let now = 0;
    const meter = new SpeedMeter(() => now);
    for (now = 1000; now <= 60_000; now += 1000) meter.bytesPerSecond(1000);
    for (; now <= 70_000; now += 1000) meter.bytesPerSecond(1000 + (now - 60_000) * 5);
    now = 70_000;
    expect(meter.bytesPerSecond(1000 + 50_000)).toBeCloseTo(5000, -3);
  });

  it('is nothing before time has passed, and never negative when an attempt is taken back', () => {
    let now = 0;
    const meter = new SpeedMeter(() => now);
    expect(meter.bytesPerSecond(100)).toBe(0);
    now = 1000;
    expect(meter.bytesPerSecond(-100)).toBe(0);
  });
});

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
  progress.stop();
  vi.advanceTimersByTime(60_000);
  vi.useRealTimers();
  expect(lines).toEqual(['1/1,200 files | 2.0 KB/4.0 KB | 409 B/s | left 5.0 s'.replace('409', '410')]);
});
