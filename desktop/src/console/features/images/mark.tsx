import type { ReactNode } from 'react';
import styles from './side-panel.module.css';

export type Tone = 'good' | 'warn' | 'bad' | 'unknown';

/** Shapes, so that nothing is told by colour alone. */
const SHAPES: Readonly<Record<Tone, string>> = { good: '●', warn: '◐', bad: '▲', unknown: '○' };

/** A state with its shape and its word. */
export function Mark({ tone, children }: { readonly tone: Tone; readonly children: ReactNode }): ReactNode {
  return (
    <span className={styles['mark']} data-tone={tone}>
      <span aria-hidden="true">{SHAPES[tone]}</span> {children}
    </span>
  );
}
