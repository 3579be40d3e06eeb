import { useEffect, useMemo, useRef, type ClipboardEvent, type ReactNode } from 'react';
import { formatCount } from '@imagefleet/shared/common/text/quantities.ts';
import { linkedItems, linkText } from './link-text.ts';
import type { QueueView, UploadQueue } from './upload-queue.ts';
import type { RememberedChoice } from '#console/ui/use-link-choice.ts';
import { useUploadTexts } from './use-upload-texts.ts';
import styles from './upload.module.css';

/** A field with more text makes the window slow; what is copied is always everything. */
const MAX_SHOWN = 500;

interface Props {
  readonly queue: UploadQueue;
  readonly view: QueueView;
  readonly choice: RememberedChoice;
}

/** What it was all for: the links, selected and ready to copy. */
export function LinksBox({ queue, view: { tally }, choice: { format, template } }: Props): ReactNode {
  const t = useUploadTexts();
  const box = useRef<HTMLTextAreaElement>(null);
  const { lines, shown } = useMemo(() => {
    const { counts } = tally;
    const first = linkedItems(queue.items()).slice(0, MAX_SHOWN);
    return { lines: counts.done + counts.present, shown: linkText(first, { format, template }) };
  }, [queue, tally, format, template]);
  useEffect(() => {
    const field = box.current;
    // Whoever is at something else stays there.
    if (field === null || document.activeElement !== document.body) return;
    field.focus({ preventScroll: true });
    field.select();
  }, []);
  const copy = (event: ClipboardEvent<HTMLTextAreaElement>): void => {
    const { selectionStart, selectionEnd, value } = event.currentTarget;
    if (lines <= MAX_SHOWN || selectionStart !== 0 || selectionEnd !== value.length) return;
    event.clipboardData.setData('text/plain', linkText(linkedItems(queue.items()), { format, template }));
    event.preventDefault();
  };
  return (
    <>
      <textarea
        ref={box}
        className={styles['linksBox']}
        readOnly
        wrap="off"
        spellCheck={false}
        aria-label={t('links')}
        value={shown}
        rows={Math.min(6, Math.max(2, lines))}
        onCopy={copy}
      />
      {lines > MAX_SHOWN && <p className={styles['note']}>{t('linksCut', { shown: formatCount(MAX_SHOWN) })}</p>}
    </>
  );
}
