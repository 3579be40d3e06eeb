import { Button } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { useDesktop } from '#console/api/host-context.tsx';
import { FailureNote } from '#console/ui/failure-note.tsx';
import { useQueueTexts } from './use-queue-texts.ts';

interface Props {
  readonly onChosen: (paths: readonly string[]) => void;
  readonly size: 'xs' | 'md';
}

/** The two dialogs of the system: for images, and for folders with all that is below them. */
export function ChooseButtons({ onChosen, size }: Props): ReactNode {
  const t = useQueueTexts();
  const { shell } = useDesktop();
  const [error, setError] = useState<unknown>(null);
  const choose = async (ask: typeof shell.chooseFiles): Promise<void> => {
    try {
      setError(null);
      onChosen((await ask({})).paths);
    } catch (failure) {
      setError(failure);
    }
  };
  const isLarge = size === 'md';
  return (
    <>
      <Button size={size} variant={isLarge ? 'filled' : 'default'} onClick={() => void choose(shell.chooseFolders)}>
        {t('chooseFolders')}
      </Button>
      <Button size={size} variant="default" onClick={() => void choose(shell.chooseFiles)}>
        {t('chooseFiles')}
      </Button>
      {error !== null && <FailureNote error={error} />}
    </>
  );
}
