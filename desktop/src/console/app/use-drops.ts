import { useEffect, useState } from 'react';
import { useHost, useSession } from '#console/api/host-context.tsx';
import { droppedThings } from '#console/features/upload/chosen-files.ts';
import type { Dropped } from '#console/features/upload/use-intake.ts';
import { Handover } from '#console/ui/handover.ts';
import { hashOf } from './pages.ts';
import { watchDrops } from './watch-drops.ts';

/** What was dropped on any page, for the Upload page of the program that this is. */
export interface Drops {
  /** In a browser: files, or folders that are still to be read. */
  readonly things: Handover<Dropped>;
  /** In the desktop app: where files and folders lie on the disk. */
  readonly places: Handover<readonly string[]>;
}

/** Files that are dropped on any page, for Upload, which is opened for them where the key allows it. */
export function useDrops(): Drops {
  const [drops] = useState<Drops>(() => ({ things: new Handover(), places: new Handover() }));
  const { desktop } = useHost().capabilities;
  const mayUpload = useSession().roles.includes('upload');
  useEffect(() => {
    const take = (data: DataTransfer): void => {
      // Now, for the browser forgets them with the event.
      if (desktop === null) drops.things.give(droppedThings(data));
      // A picture out of another window lies nowhere.
      else drops.places.give([...data.files].map((file) => desktop.pathOf(file)).filter((path) => path !== ''));
      location.hash = hashOf('upload');
    };
    return watchDrops(window, mayUpload ? take : null);
  }, [drops, desktop, mayUpload]);
  return drops;
}
