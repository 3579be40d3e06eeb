import { Button, TextInput } from '@mantine/core';
import { useRef, useState, type ReactNode } from 'react';
import {
  formatLink,
  LINK_FORMATS,
  type LinkedImage,
  type LinkFormat,
} from '@imagefleet/shared/common/links/link-formats.ts';
import { useTexts } from '#console/i18n/language-context.tsx';
import { copyText } from '#console/ui/copy-text.ts';
import { useRemembered } from '#console/ui/use-remembered.ts';
import { PANEL_TEXTS } from './panel-texts.ts';
import styles from './side-panel.module.css';

/** The link of an image, to be copied in the form that the other side takes. */
export function ImageLinks({ image }: { readonly image: LinkedImage }): ReactNode {
  const t = useTexts('image-panel', PANEL_TEXTS);
  const [format, setFormat] = useRemembered('link-format', LINK_FORMATS);
  const [told, setTold] = useState('');
  const field = useRef<HTMLInputElement>(null);
  const copy = async (chosen: LinkFormat): Promise<void> => {
    setFormat(chosen);
    const isCopied = await copyText(formatLink(chosen, image));
    setTold(isCopied ? t('copied', { format: t(chosen) }) : t('notCopied'));
    field.current?.select();
  };
  return (
    <section aria-label={t('link')}>
      <TextInput
        ref={field}
        className={styles['field']}
        label={t('link')}
        size="xs"
        readOnly
        value={formatLink(format, image)}
        onFocus={(event) => event.currentTarget.select()}
      />
      <div className={styles['copies']} role="group" aria-label={t('copyAs')}>
        {LINK_FORMATS.map((one) => (
          <Button
            key={one}
            size="xs"
            variant={one === format ? 'filled' : 'default'}
            onClick={() => void copy(one)}
            aria-label={`${t('copyAs')} ${t(one)}`}
          >
            {t(one)}
          </Button>
        ))}
      </div>
      <p className={styles['told']} role="status">
        {told}
      </p>
    </section>
  );
}
