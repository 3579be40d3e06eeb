import { useEffect, useState, type ReactNode } from 'react';
import { linkLine, type LinkChoice } from '@imagefleet/shared/common/links/link-formats.ts';
import { formatBytes } from '@imagefleet/shared/common/text/quantities.ts';
import { useDesktop } from '#console/api/host-context.tsx';
import { Icon, type IconName } from '#console/ui/icon.tsx';
import { actionsOf, type ItemAction } from './item-actions.ts';
import { ItemStatus } from './item-status.tsx';
import type { QueueFeed } from './queue-feed.ts';
import type { QueueItem } from './queue-types.ts';
import { useQueueTexts } from './use-queue-texts.ts';
import styles from './queue.module.css';

/** How long the button says what it did. */
const TOLD_MS = 2000;

interface Props {
  readonly item: QueueItem;
  readonly feed: QueueFeed;
  /** In which form a link is copied. */
  readonly choice: LinkChoice;
  /** Epoch milliseconds for a file that counts down. */
  readonly now: number;
}

/** One file: what it is, how it stands, what can be done with it. */
export function ItemRow({ item, feed, choice, now }: Props): ReactNode {
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
      <span className={styles['name']} title={file}>
        {image === null ? (
          name
        ) : (
          <a href={image.link} target="_blank" rel="noreferrer">
            {name}
          </a>
        )}
      </span>
      <span className={styles['size']}>{formatBytes(sizeBytes)}</span>
      <ItemStatus item={item} now={now} />
      <RowActions {...{ item, feed, choice }} />
    </>
  );
}

const ICONS: Readonly<Record<ItemAction, IconName>> = {
  ...{ sendAnyway: 'plus', retry: 'retry', resume: 'play', pause: 'pause', cancel: 'cancel' },
};
const LABELS = {
  ...({ sendAnyway: 'sendAnyway', retry: 'retryOne', resume: 'resumeOne' } as const),
  ...({ pause: 'pauseOne', cancel: 'cancelOne' } as const),
} satisfies Readonly<Record<ItemAction, string>>;

function RowActions({ item, feed, choice }: Omit<Props, 'now'>): ReactNode {
  const t = useQueueTexts();
  const { key, state, image, retryAt } = item;
  const name = nameOf(item);
  return (
    <span className={styles['rowActions']}>
      {image !== null && <CopyButton {...{ item, feed, choice }} link={image.link} />}
      {actionsOf(state, retryAt !== null).map((action) => (
        <RowButton
          key={action}
          icon={ICONS[action]}
          label={t(LABELS[action], { name })}
          onClick={() => void feed.change((engine) => engine[action]({ keys: [key] }))}
        />
      ))}
    </span>
  );
}

/** In the form that was chosen for all links; says for a moment that it is in the clipboard. */
function CopyButton({ item, feed, choice, link }: Omit<Props, 'now'> & { readonly link: string }): ReactNode {
  const t = useQueueTexts();
  const { shell } = useDesktop();
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return undefined;
    const timer = setTimeout(() => setCopied(false), TOLD_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);
  const name = nameOf(item);
  const { path, sizeBytes, sha256 } = item;
  const copy = async (): Promise<void> => {
    const text = linkLine({ link, name, path, sizeBytes, sha256 }, choice);
    setCopied(await feed.act(() => shell.copyText({ text })));
  };
  const label = t(isCopied ? 'copiedOne' : 'copyOne', { name });
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

function nameOf({ path }: QueueItem): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
