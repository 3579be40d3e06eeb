import type { ReactNode } from 'react';
import { useSettings } from '#console/api/use-settings.ts';
import { FailureNote } from '#console/ui/failure-note.tsx';
import { Page } from '#console/ui/page.tsx';
import { AppFields } from './app-fields.tsx';
import { ConnectionForm } from './connection-form.tsx';
import { KeepingActions } from './keeping-actions.tsx';
import { useSettingsTexts } from './use-settings-texts.ts';
import styles from './settings.module.css';

/** Which servers, by which key, and how the app behaves; before there is a server, the guide through both fields. */
export function SettingsPage(): ReactNode {
  const t = useSettingsTexts();
  const { data, error } = useSettings();
  if (data === undefined) return <Page title={t('title')}>{error !== null && <FailureNote error={error} />}</Page>;
  const isFirstRun = data.settings.servers.length === 0;
  return (
    <Page title={isFirstRun ? t('guideTitle') : t('title')} answer={isFirstRun ? t('guideHint') : undefined}>
      <div className={styles['sections']}>
        <ConnectionForm state={data} />
        <AppFields settings={data.settings} />
        <KeepingActions version={data.version} />
      </div>
    </Page>
  );
}
