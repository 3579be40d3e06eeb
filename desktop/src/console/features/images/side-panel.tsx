import { CloseButton, Title } from '@mantine/core';
import { useEffect, useRef, type KeyboardEvent, type ReactNode } from 'react';
import { useTexts } from '#console/i18n/language-context.tsx';
import { PANEL_TEXTS } from './panel-texts.ts';
import styles from './side-panel.module.css';

interface Props {
  readonly title: string;
  /** Other when the panel shows another thing: then it is told to a screen reader by taking the focus. */
  readonly subject: string;
  readonly onClose: () => void;
  readonly onKey?: (event: KeyboardEvent) => void;
  readonly tools?: ReactNode;
  readonly children: ReactNode;
}

/** A part beside the list, or over it in a narrow window. Escape closes it. */
export function SidePanel({ title, subject, onClose, onKey, tools, children }: Props): ReactNode {
  const t = useTexts('image-panel', PANEL_TEXTS);
  const panel = useRef<HTMLElement>(null);
  useEffect(() => panel.current?.focus(), [subject]);
  return (
    <aside
      ref={panel}
      className={styles['panel']}
      aria-label={title}
      tabIndex={-1}
      onKeyDown={(event) => (event.key === 'Escape' ? onClose() : onKey?.(event))}
    >
      <header className={styles['head']}>
        <Title order={2} size="h5" className={styles['title']} title={title}>
          {title}
        </Title>
        {tools}
        <CloseButton aria-label={t('close')} onClick={onClose} />
      </header>
      <div className={styles['body']}>{children}</div>
    </aside>
  );
}
