import type { ReactNode } from 'react';
import { useLanguage } from '#console/i18n/language-context.tsx';
import { Announcement } from '#console/ui/announcement.tsx';
import type { Handover } from '#console/ui/handover.ts';
import { Page } from '#console/ui/page.tsx';
import { ChooseButtons } from './choose-buttons.tsx';
import { DropArea } from './drop-area.tsx';
import { FileList } from './file-list.tsx';
import { HoldNote } from './hold-note.tsx';
import { IntakeNote } from './intake-note.tsx';
import { LinksBar } from './links-bar.tsx';
import { LinksBox } from './links-box.tsx';
import { QueueActions } from './queue-actions.tsx';
import { announcement, firstLine } from './sentence.ts';
import { TotalBar } from './total-bar.tsx';
import { useIntake, type Dropped, type Intake } from './use-intake.ts';
import { useLinkChoice } from '#console/ui/use-link-choice.ts';
import type { QueueView, UploadQueue } from './upload-queue.ts';
import { useUploadTexts } from './use-upload-texts.ts';
import { useUploads } from './use-uploads.ts';
import styles from './upload.module.css';

/** "Get this folder up, give me the links." */
export function UploadPage({ dropped }: { readonly dropped: Handover<Dropped> }): ReactNode {
  const t = useUploadTexts();
  const { language } = useLanguage();
  const { queue, view } = useUploads();
  const intake = useIntake(queue, dropped);
  if (view.order.length === 0) {
    return (
      <Page title={t('title')}>
        <DropArea intake={intake} />
      </Page>
    );
  }
  const actions = (
    <>
      <ChooseButtons size="xs" onChosen={intake.choose} />
      <QueueActions queue={queue} view={view} />
    </>
  );
  return (
    <Page title={t('title')} answer={firstLine(view, { t, language })} actions={actions}>
      <Work queue={queue} view={view} intake={intake} />
    </Page>
  );
}

interface WorkProps {
  readonly queue: UploadQueue;
  readonly view: QueueView;
  readonly intake: Intake;
}

function Work({ queue, view, intake }: WorkProps): ReactNode {
  const t = useUploadTexts();
  const { language } = useLanguage();
  const choice = useLinkChoice();
  const { counts, openFiles } = view.tally;
  const hasLinks = counts.done + counts.present > 0;
  return (
    <div className={styles['work']}>
      <Announcement message={announcement(view, { t, language })} />
      {openFiles > 0 && <TotalBar tally={view.tally} />}
      <HoldNote queue={queue} view={view} />
      <IntakeNote intake={intake} />
      {openFiles === 0 && hasLinks && <LinksBox queue={queue} view={view} choice={choice} />}
      <LinksBar queue={queue} view={view} choice={choice} />
      <FileList queue={queue} view={view} />
      {intake.isOver && <div className={styles['over']}>{t('dropNow')}</div>}
    </div>
  );
}
