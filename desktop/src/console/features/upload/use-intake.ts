import { useCallback, useEffect, useState } from 'react';
import type { Handover } from '#console/ui/handover.ts';
import { useHeldOver } from '#console/ui/use-held-over.ts';
import { chosenFiles, pastedFiles, type Chosen, type droppedThings } from './chosen-files.ts';
import type { UploadQueue } from './upload-queue.ts';
import { walkEntries, type Skipped } from './walk-entries.ts';

/** Files, or folders that are still to be read. */
export type Dropped = ReturnType<typeof droppedThings>;

export interface Intake {
  /** Something is held over the page. */
  readonly isOver: boolean;
  /** A folder is being read. */
  readonly isReading: boolean;
  /** What the last one brought: null before it, and after it was read. */
  readonly news: (Skipped & { readonly found: number }) | null;
  readonly choose: (files: Iterable<File>) => void;
  readonly dismiss: () => void;
}

/** Files that are chosen, pasted, or dropped on any page of the console. */
export function useIntake(queue: UploadQueue, dropped: Handover<Dropped>): Intake {
  const [isReading, setReading] = useState(false);
  const [news, setNews] = useState<Intake['news']>(null);
  const take = useCallback(
    ({ files, skipped }: Chosen) => {
      if (files.length > 0) queue.add(files);
      setNews({ ...skipped, found: files.length });
    },
    [queue],
  );
  const drop = useCallback(
    async (things: Dropped) => {
      if ('files' in things) {
        take(things);
        return;
      }
      setReading(true);
      let found = 0;
      const onFound: typeof queue.add = (files) => {
        found += files.length;
        queue.add(files);
      };
      const skipped = await walkEntries(things.entries, { onFound, signal: queue.ended });
      setReading(false);
      setNews({ ...skipped, found });
    },
    [queue, take],
  );
  useEffect(() => dropped.receive((things) => void drop(things)), [dropped, drop]);
  const isOver = useHeldOver();
  usePaste(take);
  const choose = useCallback((files: Iterable<File>) => take(chosenFiles(files)), [take]);
  const dismiss = useCallback(() => setNews(null), []);
  return { isOver, isReading, news, choose, dismiss };
}

function usePaste(onPaste: (chosen: Chosen) => void): void {
  useEffect(() => {
    const paste = ({ clipboardData }: ClipboardEvent): void => {
      const files = clipboardData?.files;
      if (files !== undefined && files.length > 0) onPaste(pastedFiles(files, Date.now()));
    };
    addEventListener('paste', paste);
    return () => removeEventListener('paste', paste);
  }, [onPaste]);
}
