import { useCallback, useEffect, useRef, useState } from 'react';
import { chosenFiles, droppedThings, pastedFiles, type Chosen } from './chosen-files.ts';
import type { UploadQueue } from './upload-queue.ts';
import { walkEntries, type Skipped } from './walk-entries.ts';

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

/** Files that are chosen, dropped anywhere on the page, or pasted. */
export function useIntake(queue: UploadQueue): Intake {
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
    async (data: DataTransfer) => {
      const things = droppedThings(data);
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
  const isOver = useDropAndPaste(
    useCallback((data: DataTransfer) => void drop(data), [drop]),
    take,
  );
  const choose = useCallback((files: Iterable<File>) => take(chosenFiles(files)), [take]);
  const dismiss = useCallback(() => setNews(null), []);
  return { isOver, isReading, news, choose, dismiss };
}

function useDropAndPaste(onDrop: (data: DataTransfer) => void, onPaste: (chosen: Chosen) => void): boolean {
  const [isOver, setOver] = useState(false);
  // Each element within tells of its own enter and leave.
  const depth = useRef(0);
  useEffect(() => {
    const end = new AbortController();
    const { signal } = end;
    const move = (event: DragEvent, by: number): void => {
      if (event.dataTransfer?.types.includes('Files') !== true) return;
      event.preventDefault();
      depth.current = Math.max(0, depth.current + by);
      setOver(depth.current > 0);
    };
    addEventListener('dragenter', (event) => move(event, 1), { signal });
    addEventListener('dragleave', (event) => move(event, -1), { signal });
    addEventListener('dragover', (event) => move(event, 0), { signal });
    addEventListener(
      'drop',
      (event) => {
        move(event, -depth.current);
        if (event.dataTransfer !== null && event.dataTransfer.files.length > 0) onDrop(event.dataTransfer);
      },
      { signal },
    );
    addEventListener(
      'paste',
      (event) => {
        const files = event.clipboardData?.files;
        if (files !== undefined && files.length > 0) onPaste(pastedFiles(files, Date.now()));
      },
      { signal },
    );
    return () => end.abort();
  }, [onDrop, onPaste]);
  return isOver;
}
