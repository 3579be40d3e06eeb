import type { ReactNode } from 'react';
import { useLanguage } from '#console/i18n/language-context.tsx';
import { Announcement } from '#console/ui/announcement.tsx';
import { FailureNote } from '#console/ui/failure-note.tsx';
import type { Handover } from '#console/ui/handover.ts';
import { Page } from '#console/ui/page.tsx';
import { useLinkChoice } from '#console/ui/use-link-choice.ts';
import { useNow } from '#console/ui/use-now.ts';
import { useHeldOver } from '#console/ui/use-held-over.ts';
import { AskFirst } from './ask-first.tsx';
import { ChooseButtons } from './choose-buttons.tsx';
import { DropArea } from './drop-area.tsx';
import { HoldNote } from './hold-note.tsx';
import { IntakePanel } from './intake-panel.tsx';
import { ItemList } from './item-list.tsx';
import { LimitFields } from './limit-fields.tsx';
import { LinksBar } from './links-bar.tsx';
import { QueueActions } from './queue-actions.tsx';
import type { FeedView, QueueFeed } from './queue-feed.ts';
import type { QueueStatus } from './queue-types.ts';
import { RecoveryBanner } from './recovery-banner.tsx';
import { announcement, firstLine, progressOf } from './sentence.ts';
import { filesOf, openOf } from './tally.ts';
import { useIntake, useQueue } from './use-queue.ts';
import { useQueueTexts } from './use-queue-texts.ts';
import styles from './queue.module.css';

/** Only tells today from other days. */
const TICK_MS = 60_000;

/** "Get this folder up, give me the links", with a queue that lies on the disk. */
export function QueuePage({ dropped }: { readonly dropped: Handover<readonly string[]> }): ReactNode {
  const t = useQueueTexts();
  const { language } = useLanguage();
  const { feed, view } = useQueue();
  const intake = useIntake(dropped);
  const isOver = useHeldOver();
  const choice = useLinkChoice();
  const { status } = view;
  if (status === null) {
    return <Page title={t('title')}>{view.error === null ? t('asking') : <FailureNote error={view.error} />}</Page>;
  }
  const panel = <IntakePanel intake={intake} />;
  if (filesOf(status) === 0) {
    return (
      <Page title={t('title')}>
        <div className={styles['work']}>
          <Standing feed={feed} view={view} status={status} />
          {panel}
          <DropArea isOver={isOver} intake={intake} />
        </div>
      </Page>
    );
  }
  const actions = (
    <>
      <ChooseButtons size="xs" onChosen={intake.take} />
      <QueueActions feed={feed} status={status} />
    </>
  );
  return (
    <Page title={t('title')} answer={firstLine(view, { t, language })} actions={actions}>
      <div className={styles['work']}>
        <Announcement message={announcement(view, { t, language })} />
        <Standing feed={feed} view={view} status={status} />
        {panel}
        <LinksBar status={status} choice={choice} />
        <div className={styles['linksBar']}>
          <LimitFields feed={feed} limits={status.limits} />
          {intake.state.kind !== 'checked' && <AskFirst intake={intake} />}
        </div>
        <ItemList feed={feed} status={status} choice={choice} />
        {isOver && <div className={styles['over']}>{t('dropNow')}</div>}
      </div>
    </Page>
  );
}

interface StandingProps {
  readonly feed: QueueFeed;
  readonly view: FeedView;
  readonly status: QueueStatus;
}

/** How far it is, and whatever is in the way. */
function Standing({ feed, view, status }: StandingProps): ReactNode {
  const t = useQueueTexts();
  const { error, refusal, recovery, before } = view;
  const isOpen = openOf(status).files > 0;
  const now = useNow(TICK_MS);
  return (
    <>
      {recovery !== null && isOpen && (
        <RecoveryBanner recovery={recovery} isPaused={status.isPaused} onDismiss={() => feed.dismissRecovery()} />
      )}
      {isOpen && (
        <progress
          className={styles['total']}
          aria-label={t('total')}
          max={1}
          value={progressOf(status, before).share}
        />
      )}
      {error !== null && <FailureNote error={error} />}
      {refusal !== null && <FailureNote error={refusal} />}
      <HoldNote feed={feed} status={status} now={now} />
    </>
  );
}
