import { Title } from '@mantine/core';
import type { ReactNode } from 'react';
import styles from './page.module.css';

interface Props {
  readonly title: string;
  /** The first line: the answer to the page's question. */
  readonly answer?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

/** The frame of a page: its name, the answer to its question, what can be done, and the rest. */
export function Page({ title, answer, actions, children }: Props): ReactNode {
  return (
    <section className={styles['page']} aria-label={title}>
      <header className={styles['header']}>
        <div className={styles['heading']}>
          <Title order={1} size="h3">
            {title}
          </Title>
          {answer !== undefined && <div className={styles['answer']}>{answer}</div>}
        </div>
        {actions !== undefined && <div className={styles['actions']}>{actions}</div>}
      </header>
      <div className={styles['body']}>{children}</div>
    </section>
  );
}
