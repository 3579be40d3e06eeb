import { Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import styles from './empty-state.module.css';

interface Props {
  readonly title: string;
  /** What this page is for, and the one next step. */
  readonly children: ReactNode;
  readonly action?: ReactNode;
}

/** A page that has nothing to show teaches what it is for. */
export function EmptyState({ title, children, action }: Props): ReactNode {
  return (
    <Stack className={styles['empty']} align="center" gap="xs">
      <Title order={2} size="h4">
        {title}
      </Title>
      <Text c="dimmed" ta="center" maw={480}>
        {children}
      </Text>
      {action}
    </Stack>
  );
}
