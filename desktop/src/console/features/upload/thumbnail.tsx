import { useEffect, useRef, type ReactNode } from 'react';
import styles from './upload.module.css';

/** A browser decodes the whole picture for a small one; very large ones are not worth their memory. */
const MAX_BYTES = 12 * 1024 * 1024;
/** Rows that only fly past while somebody scrolls decode nothing. */
const DELAY_MS = 120;

/** The picture itself, small. What a browser cannot show (HEIC, TIFF) stays an empty frame. */
export function Thumbnail({ file }: { readonly file: File }): ReactNode {
  const image = useRef<HTMLImageElement>(null);
  useEffect(() => {
    if (file.size > MAX_BYTES || file.size === 0) return undefined;
    const element = image.current;
    let url: string | undefined;
    const timer = setTimeout(() => {
      if (element === null) return;
      url = URL.createObjectURL(file);
      element.src = url;
    }, DELAY_MS);
    return () => {
      clearTimeout(timer);
      if (url === undefined) return;
      element?.removeAttribute('src');
      URL.revokeObjectURL(url);
    };
  }, [file]);
  return (
    <span className={styles['thumb']}>
      <img ref={image} alt="" decoding="async" onLoad={show} onError={hide} data-shown="false" />
    </span>
  );
}

function show({ currentTarget }: { readonly currentTarget: HTMLImageElement }): void {
  currentTarget.dataset['shown'] = 'true';
}

function hide({ currentTarget }: { readonly currentTarget: HTMLImageElement }): void {
  currentTarget.dataset['shown'] = 'false';
}
