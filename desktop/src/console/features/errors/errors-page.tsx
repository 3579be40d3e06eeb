import type { ReactNode } from 'react';
import { useTexts } from '#console/i18n/language-context.tsx';
import type { Texts } from '#console/i18n/language.ts';
import { Page } from '#console/ui/page.tsx';

const TEXTS = { en: { title: 'Errors' }, zh: { title: '错误' } } as const satisfies Texts<string>;

export function ErrorsPage(): ReactNode {
  const t = useTexts('errors', TEXTS);
  return <Page title={t('title')}>{null}</Page>;
}
