import { useEffect, useState, useSyncExternalStore } from 'react';
import { useDesktop } from '#console/api/host-context.tsx';
import type { Handover } from '#console/ui/handover.ts';
import { useRemembered } from '#console/ui/use-remembered.ts';
import { FolderIntake, type IntakeState } from './folder-intake.ts';
import { feedOf, type FeedView, type QueueFeed } from './queue-feed.ts';

/** The engine's queue, and how it stands. */
export function useQueue(): { readonly feed: QueueFeed; readonly view: FeedView } {
  const feed = feedOf(useDesktop());
  return { feed, view: useSyncExternalStore(feed.subscribe, feed.view) };
}

export interface Intake {
  readonly state: IntakeState;
  readonly asksFirst: boolean;
  readonly setAsksFirst: (asksFirst: boolean) => void;
  readonly take: (roots: readonly string[]) => void;
  readonly add: () => void;
  readonly dismiss: () => void;
}

/** Folders and files that are chosen, or dropped on any page of the app. */
export function useIntake(dropped: Handover<readonly string[]>): Intake {
  const { engine } = useDesktop();
  const [intake] = useState(() => new FolderIntake(engine));
  const state = useSyncExternalStore(intake.subscribe, intake.state);
  const [way, setWay] = useRemembered('queue-intake', ['ask', 'straight']);
  const asksFirst = way === 'ask';
  useEffect(() => dropped.receive((roots) => void intake.take(roots, asksFirst)), [dropped, intake, asksFirst]);
  return {
    ...{ state, asksFirst },
    setAsksFirst: (asks) => setWay(asks ? 'ask' : 'straight'),
    take: (roots) => void intake.take(roots, asksFirst),
    add: () => void intake.add(),
    dismiss: () => intake.dismiss(),
  };
}
