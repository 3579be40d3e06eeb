import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useEffectEvent, useState, type ReactNode } from 'react';
import type { DesktopNews } from '#bridge/desktop-bridge.ts';
import { useDesktop } from '#console/api/host-context.tsx';
import { QUERY } from '#console/api/queries.ts';
import { useSettings } from '#console/api/use-settings.ts';
import { useLanguage, useTexts } from '#console/i18n/language-context.tsx';
import { languageOf, type Texts } from '#console/i18n/language.ts';
import { hashOf } from './pages.ts';
import styles from './desktop-notes.module.css';

const TEXTS = {
  en: {
    restarting: 'The upload engine has stopped and is being started again',
    restartingHint: 'Nothing is lost: the queue lies on the disk, and the upload goes on by itself.',
    failed: 'The upload engine does not start',
    failedHint:
      'Nothing is lost: the queue lies on the disk. Quit the app and open it again; if that does not help, save the diagnostics on the page Settings and send them to whoever helps you.',
    locked: 'The key has to be typed again',
    lockedHint: 'The keychain of this computer does not give it out any more.',
    toSettings: 'To the settings',
  },
  zh: {
    restarting: '上传引擎已停止，正在重新启动',
    restartingHint: '队列保存在磁盘上，不会丢失，启动后自动继续上传。',
    failed: '上传引擎无法启动',
    failedHint:
      '队列保存在磁盘上，不会丢失。请退出程序后重新打开；如果仍然不行，请在“设置”页导出诊断信息，发给协助您的人。',
    locked: '需要重新输入密钥',
    lockedHint: '本机的钥匙串不再提供已保存的密钥。',
    toSettings: '去设置',
  },
} as const satisfies Texts<string>;

type EngineState = Extract<DesktopNews, { kind: 'engineState' }>['state'];

/** What a desktop app has to say above every page, and what it hears: where to go, and which language to speak. */
export function DesktopNotes(): ReactNode {
  const t = useTexts('desktop-notes', TEXTS);
  const engine = useNews();
  const { data } = useSettings();
  useChosenLanguage(data?.settings.language);
  useFirstRun(data?.settings.servers.length);
  return (
    <>
      {(engine === 'restarting' || engine === 'failed') && (
        <div role="alert" className={styles['note']} data-tone={engine === 'failed' ? 'bad' : 'warn'}>
          <strong>{t(engine)}</strong> {t(`${engine}Hint`)}
        </div>
      )}
      {data?.key === 'locked' && (
        <div role="alert" className={styles['note']} data-tone="warn">
          <strong>{t('locked')}</strong> {t('lockedHint')} <a href={hashOf('settings')}>{t('toSettings')}</a>
        </div>
      )}
    </>
  );
}

function useNews(): EngineState {
  const { listen } = useDesktop();
  const client = useQueryClient();
  const [engine, setEngine] = useState<EngineState>('running');
  const hear = useEffectEvent((news: DesktopNews) => {
    if (news.kind === 'engineState') setEngine(news.state);
    if (news.kind === 'settingsChanged') void client.invalidateQueries({ queryKey: [QUERY.settings] });
    if (news.kind === 'goTo') location.hash = hashOf(news.page, news.server === null ? {} : { server: news.server });
  });
  useEffect(() => listen((news) => hear(news)), [listen]);
  return engine;
}

/** The settings of the app go before what was chosen in a browser. */
function useChosenLanguage(chosen: 'system' | 'zh' | 'en' | undefined): void {
  const { language, setLanguage } = useLanguage();
  const wanted = chosen === 'system' ? languageOf(navigator.languages) : chosen;
  useEffect(() => {
    if (wanted !== undefined && wanted !== language) setLanguage(wanted);
  }, [wanted, language, setLanguage]);
}

/** Without a server there is nothing that any other page could show. */
function useFirstRun(servers: number | undefined): void {
  useEffect(() => {
    if (servers === 0) location.hash = hashOf('settings');
  }, [servers]);
}
