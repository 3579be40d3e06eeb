import { useEffect, useState } from 'react';
import { useSession } from '#console/api/host-context.tsx';
import { droppedThings } from '#console/features/upload/chosen-files.ts';
import type { Dropped } from '#console/features/upload/use-intake.ts';
import { Handover } from '#console/ui/handover.ts';
import { hashOf } from './pages.ts';
import { watchDrops } from './watch-drops.ts';

/** Files that are dropped on any page, for Upload, which is opened for them where the key allows it. */
export function useDrops(): Handover<Dropped> {
  const [handover] = useState(() => new Handover<Dropped>());
  const mayUpload = useSession().roles.includes('upload');
  useEffect(() => {
    const take = (data: DataTransfer): void => {
      // Now, for the browser forgets them with the event.
      handover.give(droppedThings(data));
      location.hash = hashOf('upload');
    };
    return watchDrops(window, mayUpload ? take : null);
  }, [handover, mayUpload]);
  return handover;
}
