import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { silentLogger } from '@imagefleet/shared/common/log/logger.ts';
import type { FolderCase } from '#store/identity.ts';
import { ImageFolderWatch } from './image-folder-watch.ts';

describe('watching the image folder', () => {
  const identity = {
    look: vi.fn<() => Promise<FolderCase>>(),
    advance: vi.fn<() => Promise<FolderCase>>(),
  };
  const onFilesLost = vi.fn();
  const onForeign = vi.fn();
  let watch: ImageFolderWatch;
  let lines: string[];

  beforeEach(() => {
    vi.useFakeTimers();
    vi.resetAllMocks();
    identity.look.mockResolvedValue('normal');
    identity.advance.mockResolvedValue('normal');
    lines = [];
    const logger = { ...silentLogger, error: (event: string) => void lines.push(event) };
    watch = new ImageFolderWatch({ identity, onFilesLost, onForeign, logger });
    watch.start();
  });

  afterEach(async () => {
    await watch.stop();
    vi.useRealTimers();
  });

  it('looks every ten seconds and says when it was emptied or exchanged', async () => {
    await vi.advanceTimersByTimeAsync(30_000);
    expect(identity.look).toHaveBeenCalledTimes(3);
    expect(onFilesLost).not.toHaveBeenCalled();
    identity.look.mockResolvedValueOnce('imagesLost');
    await vi.advanceTimersByTimeAsync(20_000);
    expect(onFilesLost).toHaveBeenCalledOnce();
    identity.look.mockResolvedValueOnce('imagesOld');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(onFilesLost.mock.calls).toEqual([['imagesLost'], ['imagesOld']]);
    expect(lines).toEqual(['images.folderEmptied', 'images.folderOld']);
  });

  it('never looks while a new generation is being written, which an older folder would look like', async () => {
    const gate = Promise.withResolvers<FolderCase>();
    identity.advance.mockReturnValueOnce(gate.promise);
    await vi.advanceTimersByTimeAsync(3_600_000);
    identity.look.mockClear();
    const looked = watch.look();
    await vi.advanceTimersByTimeAsync(30_000);
    expect(identity.look).not.toHaveBeenCalled();
    gate.resolve('normal');
    await looked;
    expect(identity.look).toHaveBeenCalledOnce();
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
    expect(onFilesLost).toHaveBeenCalledOnce();
  });

  it('ends the agent for another server’s disk, and goes on after a failure of the disk', async () => {
    identity.look.mockRejectedValueOnce(new FleetError('IO_FAILED', 'a bad sector'));
    await watch.look();
    expect(onForeign).not.toHaveBeenCalled();
    const foreign = new FleetError('IDENTITY_FOREIGN', 'the disk of s2');
    identity.look.mockRejectedValueOnce(foreign);
    await watch.look();
    expect(onForeign).toHaveBeenCalledExactlyOnceWith(foreign);
    const newer = new FleetError('CATALOG_OLD', 'a folder of tomorrow');
    identity.look.mockRejectedValueOnce(newer);
    await watch.look();
    expect(onForeign).toHaveBeenLastCalledWith(newer);
  });
});
