import type { ReactNode } from 'react';
import type { ServerState } from '@imagefleet/shared/common/health/fleet-snapshot.ts';
import { useTexts } from '#console/i18n/language-context.tsx';
import { STATE_TEXTS } from './state-texts.ts';
import styles from './state-badge.module.css';

/** Shapes, so that no state is told by colour alone. */
const SHAPES: Readonly<Record<ServerState, string>> = {
  up: '●',
  warming: '◐',
  maintenance: '■',
  unknown: '○',
  down: '▲',
};

export function StateBadge({ state }: { readonly state: ServerState }): ReactNode {
  const t = useTexts('state', STATE_TEXTS);
  return (
    <span className={styles['badge']} data-state={state}>
      <span aria-hidden="true">{SHAPES[state]}</span> {t(state)}
    </span>
  );
}
