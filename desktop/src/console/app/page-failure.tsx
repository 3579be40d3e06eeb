import { Button, Group } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTexts } from '#console/i18n/language-context.tsx';
import type { Texts } from '#console/i18n/language.ts';
import { EmptyState } from '#console/ui/empty-state.tsx';
import { Page } from '#console/ui/page.tsx';
import { PageScriptMissing } from './page-scripts.ts';
import type { PageName } from './pages.ts';
import { ReloadButton } from './reload-button.tsx';
import { SHELL_TEXTS } from './shell-texts.ts';

const TEXTS = {
  en: {
    missing: 'This page could not be loaded',
    missingHint:
      'The server does not answer, or it was upgraded after the console was opened. Uploads and their links are not touched. Try again; if that does not help, reload.',
    broken: 'This page has failed',
    brokenHint:
      'That is a mistake in the console, and touches neither images nor uploads. Try again, or use another page meanwhile.',
    retry: 'Try again',
  },
  zh: {
    missing: '这个页面没能加载',
    missingHint: '服务器没有响应，或者在打开控制台之后升级过。上传和链接不受影响。请重试；如果不行，请重新加载。',
    broken: '这个页面出错了',
    brokenHint: '这是控制台自身的问题，不影响图片和上传。请重试，或先使用其他页面。',
    retry: '重试',
  },
} as const satisfies Texts<string>;

interface Props {
  readonly page: PageName;
  readonly error: unknown;
  readonly onRetry: () => void;
}

/** In place of a page that cannot be shown. */
export function PageFailure({ page, error, onRetry }: Props): ReactNode {
  const t = useTexts('page-failure', TEXTS);
  const name = useTexts('shell', SHELL_TEXTS)(page);
  const what = error instanceof PageScriptMissing ? 'missing' : 'broken';
  const actions = (
    <Group justify="center" title={error instanceof Error ? error.message : String(error)}>
      <Button onClick={onRetry}>{t('retry')}</Button>
      <ReloadButton />
    </Group>
  );
  return (
    <Page title={name}>
      <EmptyState title={t(what)} action={actions}>
        <span role="alert">{t(`${what}Hint`)}</span>
      </EmptyState>
    </Page>
  );
}
