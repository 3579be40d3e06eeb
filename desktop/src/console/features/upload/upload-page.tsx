import type { ReactNode } from 'react';
import { useTexts } from '#console/i18n/language-context.tsx';
import type { Texts } from '#console/i18n/language.ts';
import { Page } from '#console/ui/page.tsx';

const TEXTS = { en: { title: 'Upload' }, zh: { title: '上传' } } as const satisfies Texts<string>;

export function UploadPage(): ReactNode {
  const t = useTexts('upload', TEXTS);
  return <Page title={t('title')}>{null}</Page>;
}
