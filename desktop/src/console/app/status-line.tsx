import type { ReactNode } from 'react';
import type { ServerEntry } from '@imagefleet/shared/common/operator/operator-schemas.ts';
import { formatCount } from '@imagefleet/shared/common/text/quantities.ts';
import { useHost, useSession } from '#console/api/host-context.tsx';
import { useLiveState } from '#console/api/live.tsx';
import { useServers, useSummary } from '#console/api/queries.ts';
import { useTexts } from '#console/i18n/language-context.tsx';
import { hashOf } from './pages.ts';
import { SHELL_TEXTS } from './shell-texts.ts';
import { UploadSpeed } from './upload-speed.tsx';
import { Who } from './who.tsx';
import styles from './shell.module.css';

/** One line under every page: how the fleet stands, what waits, and where the operator is. A click explains it. */
export function StatusLine(): ReactNode {
  const t = useTexts('shell', SHELL_TEXTS);
  const { server, roles } = useSession();
  const live = useLiveState();
  // The desktop is at no server: its engine goes to whichever is fit.
  const { hasLogin } = useHost().capabilities;
  // While nothing is heard the last answer says nothing of now.
  const isKnown = live !== 'lost';
  const servers = useServers(roles.includes('read')).data?.servers ?? [];
  const total = useSummary(roles.includes('operator')).data?.total;
  return (
    <footer className={styles['line']}>
      {isKnown && servers.length > 0 && <a href={hashOf('fleet')}>{t(...standing(servers))}</a>}
      {isKnown && total !== undefined && (
        <a href={hashOf('errors')}>
          {total === 0 ? t('nothingOpen') : t('open', { count: total, shown: formatCount(total) })}
        </a>
      )}
      <UploadSpeed />
      {hasLogin && <span>{t('at', { server })}</span>}
      {hasLogin && <Who />}
      {roles.includes('read') && <span role="status">{t(live)}</span>}
    </footer>
  );
}

type Standing = readonly [key: 'allUp' | 'down' | 'notUp', values: Readonly<Record<string, number>>];

/** What is down comes before what only warms up or is in maintenance. */
function standing(servers: readonly Pick<ServerEntry, 'state'>[]): Standing {
  const total = servers.length;
  const down = servers.filter(({ state }) => state === 'down').length;
  if (down > 0) return ['down', { count: down, total }];
  const notUp = servers.filter(({ state }) => state !== 'up').length;
  return notUp > 0 ? ['notUp', { count: notUp, total }] : ['allUp', { count: total }];
}
