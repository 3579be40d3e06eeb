import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { silentLogger } from '@imagefleet/shared/common/log/logger.ts';
import { ImageFolderWatch } from './image-folder-watch.ts';

describe('watching the image folder', () => {
  const identity = {
    look: vi.fn<() => Promise<'normal' | 'imagesLost'>>(),
    advance: vi.fn<() => Promise<'normal' | 'imagesLost'>>(),
  };
  const onEmptied = vi.fn();
  const onForeign = vi.fn();
  let watch: ImageFolderWatch;

  beforeEach(() => {
    vi.useFakeTimers();
    vi.resetAllMocks();
    identity.look.mockResolvedValue('normal');
    identity.advance.mockResolvedValue('normal');
    watch = new ImageFolderWatch({ identity, onEmptied, onForeign, logger: silentLogger });
    watch.start();
  });

  afterEach(async () => {
    await watch.stop();
    vi.useRealTimers();
  });

  it('looks every ten seconds and says when it was emptied', async () => {
    await vi.advanceTimersByTimeAsync(30_000);
    expect(identity.look).toHaveBeenCalledTimes(3);
    expect(onEmptied).not.toHaveBeenCalled();
    identity.look.mockResolvedValueOnce('imagesLost');
    await vi.advanceTimersByTimeAsync(20_000);
    expect(onEmptied).toHaveBeenCalledOnce();
  });

  it('looks once for all who ask at the same time', async () => {
    await Promise.all([watch.look(), watch.look(), watch.look()]);
    expect(identity.look).toHaveBeenCalledOnce();
  });

  it('makes a new generation every hour', async () => {
    await vi.advanceTimersByTimeAsync(2 * 3_600_000);
    expect(identity.advance).toHaveBeenCalledTimes(2);
    identity.advance.mockResolvedValueOnce('imagesLost');
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(onEmptied).toHaveBeenCalledOnce();
  });

  it('ends the agent for another server’s disk, and goes on after a failure of the disk', async () => {
    identity.look.mockRejectedValueOnce(new FleetError('IO_FAILED', 'a bad sector'));
    await watch.look();
    expect(onForeign).not.toHaveBeenCalled();
    const foreign = new FleetError('IDENTITY_FOREIGN', 'the disk of s2');
    identity.look.mockRejectedValueOnce(foreign);
    await watch.look();
    expect(onForeign).toHaveBeenCalledExactlyOnceWith(foreign);
  });
});
