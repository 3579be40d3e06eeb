import type { ReactNode } from 'react';
import { useTexts } from '#console/i18n/language-context.tsx';
import type { Texts } from '#console/i18n/language.ts';
import { Page } from '#console/ui/page.tsx';

const TEXTS = { en: { title: 'Images' }, zh: { title: '图片' } } as const satisfies Texts<string>;

export function ImagesPage(): ReactNode {
  const t = useTexts('images', TEXTS);
  return <Page title={t('title')}>{null}</Page>;
}
