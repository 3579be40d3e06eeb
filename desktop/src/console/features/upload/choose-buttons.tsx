import { Button } from '@mantine/core';
import { useRef, type ChangeEvent, type ReactNode } from 'react';
import { ACCEPTED } from './image-names.ts';
import { useUploadTexts } from './use-upload-texts.ts';

interface Props {
  readonly onChosen: (files: Iterable<File>) => void;
  readonly size: 'xs' | 'md';
}

/** The two dialogs of a browser: for images, and for a folder with all that is below it. */
export function ChooseButtons({ onChosen, size }: Props): ReactNode {
  const t = useUploadTexts();
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const take = ({ currentTarget }: ChangeEvent<HTMLInputElement>): void => {
    onChosen([...(currentTarget.files ?? [])]);
    // So that the same choice can be made again.
    currentTarget.value = '';
  };
  const isLarge = size === 'md';
  return (
    <>
      <Button size={size} variant={isLarge ? 'filled' : 'default'} onClick={() => folder.current?.click()}>
        {t('chooseFolder')}
      </Button>
      <Button size={size} variant="default" onClick={() => files.current?.click()}>
        {t('chooseFiles')}
      </Button>
      <input ref={files} type="file" hidden multiple accept={ACCEPTED} aria-label={t('chooseFiles')} onChange={take} />
      <input
        ref={(input) => {
          folder.current = input;
          if (input !== null) input.webkitdirectory = true;
        }}
        type="file"
        hidden
        multiple
        aria-label={t('chooseFolder')}
        onChange={take}
      />
    </>
  );
}
