import type { ReactNode } from 'react';
import type { Role } from '@imagefleet/shared/common/operator/operator-api.ts';
import { useSession } from '#console/api/host-context.tsx';
import { useLanguage, useTexts } from '#console/i18n/language-context.tsx';
import { joinNames } from '#console/i18n/language.ts';
import { SHELL_TEXTS } from './shell-texts.ts';

const ROLE_TEXTS = { upload: 'roleUpload', read: 'roleRead', operator: 'roleOperator' } as const satisfies Readonly<
  Record<Role, string>
>;

/** Who is logged in, and what the key allows. */
export function Who(): ReactNode {
  const t = useTexts('shell', SHELL_TEXTS);
  const { language } = useLanguage();
  const { keyName, roles } = useSession();
  if (keyName === null) return <span>{t('asAnybody')}</span>;
  const names = roles.map((role) => t(ROLE_TEXTS[role]));
  return <span>{t('asKey', { key: keyName, roles: joinNames(names, language) })}</span>;
}
