import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useEffect, useState, type ReactNode } from 'react';
import { TEXT_FORMATS } from '@imagefleet/shared/common/links/link-formats.ts';
import { copyText } from '#console/ui/copy-text.ts';
import { saveFile } from '#console/ui/save-file.ts';
import { csvOf } from './csv.ts';
import { linkedItems, linkText } from './link-text.ts';
import { countOf } from './sentence.ts';
import type { QueueView, UploadQueue } from './upload-queue.ts';
import type { RememberedChoice } from '#console/ui/use-link-choice.ts';
import { useUploadTexts } from './use-upload-texts.ts';
import styles from './upload.module.css';

/** How long the button says what it did. */
const TOLD_MS = 3000;

interface Told {
  readonly isCopied: boolean;
  readonly text: string;
}

interface Props {
  readonly queue: UploadQueue;
  readonly view: QueueView;
  readonly choice: RememberedChoice;
}

/** All links at once, in the form in which they are pasted elsewhere. */
export function LinksBar({ queue, view, choice }: Props): ReactNode {
  const t = useUploadTexts();
  const [told, setTold] = useState<Told | null>(null);
  useEffect(() => {
    if (told === null) return undefined;
    const timer = setTimeout(() => setTold(null), TOLD_MS);
    return () => clearTimeout(timer);
  }, [told]);
  const count = view.tally.counts.done + view.tally.counts.present;
  const copy = async (): Promise<void> => {
    const items = linkedItems(queue.items());
    const isCopied = await copyText(linkText(items, choice));
    setTold({ isCopied, text: isCopied ? countOf(t, 'copied', items.length) : t('copyFailed') });
  };
  const { format, template, setFormat, setTemplate } = choice;
  return (
    <div className={styles['linksBar']}>
      <NativeSelect
        size="xs"
        aria-label={t('format')}
        value={format}
        data={TEXT_FORMATS.map((value) => ({ value, label: t(value) }))}
        onChange={({ currentTarget }) => setFormat(TEXT_FORMATS.find((one) => one === currentTarget.value) ?? 'url')}
      />
      {format === 'template' && (
        <TextInput
          size="xs"
          className={styles['template']}
          aria-label={t('templateLabel')}
          title={t('templateLabel')}
          value={template}
          onChange={({ currentTarget }) => setTemplate(currentTarget.value)}
        />
      )}
      <Button
        size="xs"
        variant={view.tally.openFiles > 0 ? 'default' : 'filled'}
        disabled={count === 0}
        onClick={() => void copy()}
      >
        {countOf(t, 'copyAll', count)}
      </Button>
      <Button
        size="xs"
        variant="default"
        onClick={() => saveFile('imagefleet-upload.csv', csvOf(queue.items()), 'text/csv;charset=utf-8')}
      >
        {t('csv')}
      </Button>
      <span role="status" className={styles['told']} data-copied={told?.isCopied}>
        {told === null ? '' : `${told.isCopied ? '✓' : '✕'} ${told.text}`}
      </span>
    </div>
  );
}
