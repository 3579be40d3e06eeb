import type { ReactNode } from 'react';
import { useTexts } from '#console/i18n/language-context.tsx';
import type { Texts } from '#console/i18n/language.ts';
import { Page } from '#console/ui/page.tsx';

const TEXTS = { en: { title: 'Fleet' }, zh: { title: '机群' } } as const satisfies Texts<string>;

export function FleetPage(): ReactNode {
  const t = useTexts('fleet', TEXTS);
  return <Page title={t('title')}>{null}</Page>;
}
