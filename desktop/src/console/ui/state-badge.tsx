import type { ReactNode } from 'react';
import type { ServerState } from '@imagefleet/shared/common/health/fleet-snapshot.ts';
import { useTexts } from '#console/i18n/language-context.tsx';
import type { Texts } from '#console/i18n/language.ts';
import styles from './state-badge.module.css';

const TEXTS = {
  en: { up: 'up', down: 'down', unknown: 'unknown', warming: 'warming up', maintenance: 'maintenance' },
  zh: { up: '在线', down: '离线', unknown: '未知', warming: '预热期', maintenance: '维护中' },
} as const satisfies Texts<ServerState>;

/** Shapes, so that no state is told by colour alone. */
const SHAPES: Readonly<Record<ServerState, string>> = {
  up: '●',
  warming: '◐',
  maintenance: '■',
  unknown: '○',
  down: '▲',
};

export function StateBadge({ state }: { readonly state: ServerState }): ReactNode {
  const t = useTexts('state', TEXTS);
  return (
    <span className={styles['badge']} data-state={state}>
      <span aria-hidden="true">{SHAPES[state]}</span> {t(state)}
    </span>
  );
}
