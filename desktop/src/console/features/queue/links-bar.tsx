import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useEffect, useState, type ReactNode } from 'react';
import { TEXT_FORMATS, type LinkChoice } from '@imagefleet/shared/common/links/link-formats.ts';
import { useDesktop } from '#console/api/host-context.tsx';
import { useTexts } from '#console/i18n/language-context.tsx';
import { FailureNote } from '#console/ui/failure-note.tsx';
import type { RememberedChoice } from '#console/ui/use-link-choice.ts';
import { LINKS_TEXTS } from './links-texts.ts';
import type { QueueStatus } from './queue-types.ts';
import { openOf, settledOf } from './tally.ts';
import { countOf } from './use-queue-texts.ts';
import styles from './queue.module.css';

/** How long the bar says what it did. */
const TOLD_MS = 4000;

interface Told {
  readonly text: string;
  readonly error: unknown;
}

interface Props {
  readonly status: QueueStatus;
  readonly choice: RememberedChoice;
}

/** All links at once, in the form in which they are pasted elsewhere: into the clipboard, or into a file. */
export function LinksBar({ status, choice }: Props): ReactNode {
  const t = useTexts('queue-links', LINKS_TEXTS);
  const { format, template, setFormat, setTemplate } = choice;
  const { told, copy, saveLinks, saveTable } = useLinkWays({ format, template });
  const count = settledOf(status).files;
  const isOver = openOf(status).files === 0;
  return (
    <div className={styles['linksBar']} role="group" aria-label={t('links')}>
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
      <Button size="xs" variant={isOver ? 'filled' : 'default'} disabled={count === 0} onClick={() => void copy()}>
        {countOf(t, 'copyAll', count)}
      </Button>
      <Button size="xs" variant="default" disabled={count === 0} onClick={() => void saveLinks()}>
        {t('saveLinks')}
      </Button>
      <Button size="xs" variant="default" onClick={() => void saveTable()}>
        {t('saveTable')}
      </Button>
      <span role="status" className={styles['told']}>
        {told.text !== '' && `✓ ${told.text}`}
      </span>
      {told.error !== null && <FailureNote error={told.error} />}
    </div>
  );
}

interface LinkWays {
  readonly told: Told;
  readonly copy: () => Promise<void>;
  readonly saveLinks: () => Promise<void>;
  readonly saveTable: () => Promise<void>;
}

const SILENT: Told = { text: '', error: null };

function useLinkWays(choice: LinkChoice): LinkWays {
  const t = useTexts('queue-links', LINKS_TEXTS);
  const { engine, shell } = useDesktop();
  const [told, setTold] = useState<Told>(SILENT);
  useEffect(() => {
    if (told.text === '') return undefined;
    const timer = setTimeout(() => setTold(SILENT), TOLD_MS);
    return () => clearTimeout(timer);
  }, [told]);
  /** The work answers what to say; nothing where the operator thought better of it. */
  const tell = async (work: () => Promise<string>): Promise<void> => {
    try {
      setTold({ text: await work(), error: null });
    } catch (error) {
      setTold({ text: '', error });
    }
  };
  const into = async (name: string, write: (file: string) => Promise<string>): Promise<string> => {
    const { path } = await shell.chooseTarget({ name });
    return path === null ? '' : write(path);
  };
  return {
    told,
    copy: () =>
      tell(async () => {
        const { text, lines, isWhole } = await engine.readLinks(choice);
        await shell.copyText({ text });
        return countOf(t, isWhole ? 'copied' : 'copiedPart', lines);
      }),
    saveLinks: () =>
      tell(() =>
        into('imagefleet-links.txt', async (file) =>
          countOf(t, 'savedLinks', (await engine.writeLinks({ ...choice, file })).lines),
        ),
      ),
    saveTable: () =>
      tell(() =>
        into('imagefleet-upload.csv', async (file) =>
          countOf(t, 'savedRows', (await engine.writeTable({ file })).rows),
        ),
      ),
  };
}
