import { memo, useEffect, useState, type ReactNode } from 'react';
import { formatBytes } from '@imagefleet/shared/common/text/quantities.ts';
import { copyText } from '#console/ui/copy-text.ts';
import { Icon, type IconName } from '#console/ui/icon.tsx';
import { isOpen, isRepeatable, isRunning } from './item-states.ts';
import { ItemStatus } from './item-status.tsx';
import { ReplicaMarks } from './replica-marks.tsx';
import { Thumbnail } from './thumbnail.tsx';
import type { UploadItem } from './upload-item.ts';
import type { UploadQueue } from './upload-queue.ts';
import { useUploadTexts } from './use-upload-texts.ts';
import styles from './upload.module.css';

/** How long the button says what it did. */
const TOLD_MS = 2000;

interface Props {
  readonly item: UploadItem;
  readonly queue: UploadQueue;
  /** Epoch milliseconds for a file that counts down, else always the same, so that the row is left alone. */
  readonly now: number;
}

/** One file: what it is, how it stands, where it is. Drawn again only when something of it has changed. */
export const FileRow = memo(function FileRow({ item, queue, now }: Props): ReactNode {
  const { path, file, sizeBytes, image } = item;
  const cut = path.lastIndexOf('/') + 1;
  const name = (
    <>
      {cut > 0 && <span className={styles['folder']}>{path.slice(0, cut)}</span>}
      {path.slice(cut)}
    </>
  );
  return (
    <>
      {file === null ? <span className={styles['thumb']} /> : <Thumbnail file={file} />}
      <span className={styles['name']} title={path}>
        {image === null ? (
          name
        ) : (
          <a href={image.link} target="_blank" rel="noreferrer">
            {name}
          </a>
        )}
      </span>
      <span className={styles['size']}>{file === null ? '' : formatBytes(sizeBytes)}</span>
      <ItemStatus item={item} now={now} />
      {image !== null && <ReplicaMarks replicas={image.replicas} />}
      {image === null && item.state !== 'failed' && <span className={styles['marks']} />}
      <RowActions item={item} queue={queue} />
    </>
  );
});

function RowActions({ item, queue }: Pick<Props, 'item' | 'queue'>): ReactNode {
  const t = useUploadTexts();
  const { key, state, name, image, retryAt } = item;
  return (
    <span className={styles['rowActions']}>
      {image !== null && <CopyButton name={name} link={image.link} />}
      {state === 'present' && (
        <RowButton icon="plus" label={t('sendAnyway', { name })} onClick={() => queue.sendAnyway(key)} />
      )}
      {isRepeatable(state) && (
        <RowButton icon="retry" label={t('retryOne', { name })} onClick={() => queue.retry(key)} />
      )}
      {retryAt !== null && <RowButton icon="retry" label={t('retryOne', { name })} onClick={() => queue.wake()} />}
      {isRunning(state) && (
        <RowButton icon="pause" label={t('pauseOne', { name })} onClick={() => queue.pauseOne(key)} />
      )}
      {isOpen(state) && <RowButton icon="cancel" label={t('cancelOne', { name })} onClick={() => queue.cancel(key)} />}
    </span>
  );
}

/** Says for a moment that the link is in the clipboard; the links box has it where the browser does not permit it. */
function CopyButton({ name, link }: { readonly name: string; readonly link: string }): ReactNode {
  const t = useUploadTexts();
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return undefined;
    const timer = setTimeout(() => setCopied(false), TOLD_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);
  const label = t(isCopied ? 'copiedOne' : 'copyOne', { name });
  const copy = async (): Promise<void> => setCopied(await copyText(link));
  return <RowButton icon={isCopied ? 'done' : 'copy'} label={label} onClick={() => void copy()} />;
}

interface ButtonProps {
  readonly icon: IconName;
  readonly label: string;
  readonly onClick: () => void;
}

function RowButton({ icon, label, onClick }: ButtonProps): ReactNode {
  return (
    <button type="button" className={styles['rowButton']} aria-label={label} title={label} onClick={onClick}>
      <Icon name={icon} />
    </button>
  );
}
