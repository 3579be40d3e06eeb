import { Button, Text } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { useHost } from '#console/api/host-context.tsx';
import { endWork, isBusy } from '#console/api/ongoing-work.ts';
import { useTexts } from '#console/i18n/language-context.tsx';
import type { Texts } from '#console/i18n/language.ts';

const TEXTS = {
  en: {
    reload: 'Reload the page',
    reloadBusy: 'Stop the uploads and reload',
    notThere: 'The server does not answer: a reload would take this page away with its links.',
  },
  zh: {
    reload: '重新加载页面',
    reloadBusy: '停止上传并重新加载',
    notThere: '服务器没有响应：现在重新加载会丢失本页面和其中的链接。',
  },
} as const satisfies Texts<string>;

/** Loads the whole console anew: not while its server is gone, and where uploads are under way only when asked to in words. */
export function ReloadButton(): ReactNode {
  const host = useHost();
  const t = useTexts('reload', TEXTS);
  const [isAsking, setAsking] = useState(false);
  const [isTrying, setTrying] = useState(false);
  const [isGone, setGone] = useState(false);
  const reload = async (): Promise<void> => {
    setTrying(true);
    setGone(false);
    try {
      await host.session();
      // It was asked for: the browser need not ask once more.
      endWork(host);
      location.reload();
    } catch {
      setGone(true);
      setTrying(false);
    }
  };
  return (
    <>
      <Button
        variant={isAsking ? 'filled' : 'default'}
        {...(isAsking ? { color: 'red.9' } : {})}
        loading={isTrying}
        onBlur={() => setAsking(false)}
        onClick={() => {
          if (!isAsking && isBusy(host)) setAsking(true);
          else void reload();
        }}
      >
        {t(isAsking ? 'reloadBusy' : 'reload')}
      </Button>
      {isGone && (
        <Text role="alert" size="sm" w="100%" ta="center">
          {t('notThere')}
        </Text>
      )}
    </>
  );
}
